"""The check of a saved advisory page."""
