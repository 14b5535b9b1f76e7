"""Remedies against a failure, and what they cost."""
