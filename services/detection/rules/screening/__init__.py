"""Rules about people at risk, one file each."""
