"""The machinery of the worker: what a scenario is made of, how it is run, how its history is told."""
