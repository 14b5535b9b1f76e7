"""The ledger that ships with the package: what was measured, by `make evidence`."""
