"""What a history means. Pure: nothing is started, nothing is read from a disk."""
