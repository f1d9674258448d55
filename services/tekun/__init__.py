"""People without means, strength or family: takes facts from upstream onto the log."""
