"""Reporting's pages in a real browser, Chromium: what a person does there, and what they then see."""
