"""Which triggers the source of a program reaches, and where: read as abstract syntax, never imported or executed."""
