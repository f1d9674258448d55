"""Parameters of the rules and the catalogue of policies: takes facts from upstream onto the log."""
