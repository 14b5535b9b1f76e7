"""Exporters of what is watched, each with a package of its own: import the one that you use."""
