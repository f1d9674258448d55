"""The calendar of working days: takes facts from upstream onto the log."""
