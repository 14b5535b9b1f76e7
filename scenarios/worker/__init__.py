"""The worker: runs a scenario's load on a client and records its history."""
