"""Responses that are not read to their end, or never closed."""
