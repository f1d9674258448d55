"""Quarters as they were reported."""
