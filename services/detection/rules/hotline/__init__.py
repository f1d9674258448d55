"""Rules about the hotline, one file each."""
