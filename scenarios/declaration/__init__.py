"""The parts of a declaration: all that the harness and the worker know of a scenario."""
