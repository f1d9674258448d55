"""Rules about leaving, one file each."""
