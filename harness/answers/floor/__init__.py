"""Which lower bound a library may declare for a client or pool."""
