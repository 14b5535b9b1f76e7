"""One module or package for each question: results become an answer."""
