"""Rules about relief, one file each."""
