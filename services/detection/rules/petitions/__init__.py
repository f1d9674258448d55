"""Rules about petitions, one file each."""
