"""One module for each group of triggers: the places in a program that speak for it."""
