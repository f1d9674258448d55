"""The whole path: facts as an upstream hands them over, to anomalies, ledgers and Annex 2."""
