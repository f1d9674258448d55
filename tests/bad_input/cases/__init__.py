"""Inputs of real life, and siblings of each kind, with what must become of them (``INDEX.tsv``)."""
