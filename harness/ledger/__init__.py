"""Stored verdicts and their freshness."""
