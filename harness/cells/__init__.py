"""One variant of one scenario on one target, and the command lines about it."""
