"""The formats of lock files, one module for each."""
