"""The closer of days."""
