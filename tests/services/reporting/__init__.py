"""Ledgers, Annex 2 and anomalies as they are read."""
