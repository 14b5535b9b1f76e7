"""Cells become results. The only package that starts a worker."""
