"""Petitions on social assistance: takes facts from upstream onto the log."""
