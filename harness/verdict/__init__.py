"""Judges histories. Pure: nothing is started, nothing is read from a disk."""
