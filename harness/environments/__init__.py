"""Environments in which targets run: their interpreters and installed packages."""
