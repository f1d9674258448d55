"""Rules about applications, one file each."""
