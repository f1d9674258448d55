"""Who receives the allowance: takes facts from upstream onto the log."""
