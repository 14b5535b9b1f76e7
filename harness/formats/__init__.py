"""Formats of answers: one module for each verb, and one for each format."""
