"""Rules about custody, one file each."""
