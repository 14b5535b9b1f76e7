"""Requests that are cancelled, at every moment of their life: no slot is lost."""
