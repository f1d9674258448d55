"""Clues to misconduct, and what became of them: takes facts from upstream onto the log."""
