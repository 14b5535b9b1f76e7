"""Which names may stand for something that matters, a first pass without types."""
