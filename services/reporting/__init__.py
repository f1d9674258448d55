"""What was found and what was paid, for people and programs to read: ledgers, anomalies, Annex 2."""
