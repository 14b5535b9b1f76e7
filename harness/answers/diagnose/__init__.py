"""What a log or traceback points to."""
