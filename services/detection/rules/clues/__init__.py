"""Rules about clues, one file each."""
