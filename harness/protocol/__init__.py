"""What crosses the border between processes: plans go in, histories come out."""
