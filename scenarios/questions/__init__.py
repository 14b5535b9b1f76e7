"""Scripts that stand alone: the harness runs them by their path to ask an environment."""
