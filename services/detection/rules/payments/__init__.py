"""Rules about payments, one file each."""
