"""The standing rules of the house, proved."""
