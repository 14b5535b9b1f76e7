"""The command line: parser, verbs, exit codes."""
