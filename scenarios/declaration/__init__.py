"""What a scenario is made of; all that the harness and the worker know of it."""
