"""The doors of the server: what listens, which protocol it speaks, and whether behind TLS."""
