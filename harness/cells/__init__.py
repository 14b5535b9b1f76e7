"""One variant of one scenario on one target."""
