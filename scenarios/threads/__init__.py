"""The synchronous client, a thread for each request."""
