"""What is under test: the text of a SPEC becomes a Target."""
