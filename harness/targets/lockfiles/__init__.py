"""The formats of lock files, one module a format."""
