"""Claims about releases, and what measurements say about them."""
