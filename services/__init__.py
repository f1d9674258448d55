"""Processes: one folder each; they meet on the bus or in PostgreSQL, never by import."""
