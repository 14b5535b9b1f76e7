"""How answers are written: a module for each verb whose answer has formats for people, and one for each format."""
