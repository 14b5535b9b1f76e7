"""The files of a program, their scopes, names and calls: read as abstract syntax."""
