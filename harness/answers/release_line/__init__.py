"""One scenario along the releases of a package."""
