"""What `make` calls: generated pages, schemas, the catalogue."""
