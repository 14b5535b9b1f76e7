"""Idle connections: how many are kept, for how long, and what becomes of them when the pool is closed."""
