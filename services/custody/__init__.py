"""Cards and passbooks held by somebody else: takes facts from upstream onto the log."""
