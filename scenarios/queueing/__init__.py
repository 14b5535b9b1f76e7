"""Waiting for a slot: who is served, in which order, and what waiting costs."""
