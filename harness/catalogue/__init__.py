"""The releases that exist, and the packages that matter."""
