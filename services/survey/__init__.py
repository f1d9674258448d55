"""Surveys of how content people are: takes facts from upstream onto the log."""
