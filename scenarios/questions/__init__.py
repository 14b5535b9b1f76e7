"""Self-contained scripts: the harness runs them by their path to ask an environment."""
