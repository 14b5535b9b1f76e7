"""Targets: the text of a SPEC becomes a Target, which is what is tested."""
