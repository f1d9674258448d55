"""Deaths: takes facts from upstream onto the log."""
