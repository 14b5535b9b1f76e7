"""How the catalogue of releases is made."""
