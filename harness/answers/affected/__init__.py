"""What stored verdicts say about a set of packages."""
