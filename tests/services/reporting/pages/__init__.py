"""Reporting's pages: how they are entered, what stands on them, and what they say."""
