"""Findings about a set of packages, from stored verdicts."""
