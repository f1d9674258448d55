"""The money before it reaches a household: takes facts from upstream onto the log."""
