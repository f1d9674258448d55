"""What was paid, and what came back: takes facts from upstream onto the log."""
