"""The comparison of two targets."""
