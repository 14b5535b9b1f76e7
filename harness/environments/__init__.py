"""Where a target runs: environments, their interpreters, and what is installed in them."""
