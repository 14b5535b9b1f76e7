"""The data that processes exchange: a worker reads a plan and writes a history."""
