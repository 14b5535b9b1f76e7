"""The generator of the catalogue of releases."""
