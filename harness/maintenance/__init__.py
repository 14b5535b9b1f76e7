"""The commands of the Makefile: generated pages, schemas, the catalogue, instruments, requalification."""
