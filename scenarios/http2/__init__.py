"""HTTP/2: many requests share a connection."""
