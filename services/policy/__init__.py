"""Parameters of the rules, as documents set them: takes facts from upstream onto the log."""
