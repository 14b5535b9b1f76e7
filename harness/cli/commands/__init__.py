"""The verbs of the command line, one module each: parse, ask, format, exit code."""
