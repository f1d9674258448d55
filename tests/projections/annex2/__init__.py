"""Annex 2: given these events, these cells, and the facts that each opens into."""
