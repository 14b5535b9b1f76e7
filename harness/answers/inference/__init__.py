"""Verdicts for pairs of a client and a pool that were never measured, taken from pairs with the same code."""
