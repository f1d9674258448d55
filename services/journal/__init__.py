"""The journal: every record of the log kept in files, as a transparency log that proves what it holds."""
