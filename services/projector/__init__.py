"""Keeps the projection: the log, as rows that reports and ledgers read."""
