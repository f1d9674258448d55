"""Near relatives of officials among those who receive: takes facts from upstream onto the log."""
