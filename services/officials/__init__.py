"""The roster of officials: takes facts from upstream onto the log."""
