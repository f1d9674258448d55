"""Rules about people without means, strength or family, one file each."""
