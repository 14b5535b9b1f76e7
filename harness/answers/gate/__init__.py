"""Comparison of two targets."""
