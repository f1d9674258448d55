"""Annex 2 of a quarter, kept as it was reported (R64): frozen by two people, restated, compared."""
