"""Verdicts that are stored, and whether they are still fresh."""
