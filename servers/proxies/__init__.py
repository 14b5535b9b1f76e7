"""The proxies between a client and the listeners (doors)."""
