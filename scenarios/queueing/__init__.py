"""Waiting for a slot: which requests are served, in which order, and what waiting costs."""
