"""Servers, handshakes and proxies that fail: the slot comes back."""
