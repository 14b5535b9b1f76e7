"""The proxies between a client and the doors."""
