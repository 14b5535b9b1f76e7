"""The listeners (doors) of the server, with their protocols, with TLS or without."""
