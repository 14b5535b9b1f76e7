"""The verbs of the command line: each has its answer as a Struct, and a text for people."""
