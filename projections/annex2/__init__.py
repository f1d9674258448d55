"""Annex 2, the national form (附件2): its lines as data, and what they count, one noun a file."""
