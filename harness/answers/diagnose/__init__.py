"""Pool failures in a log or traceback."""
