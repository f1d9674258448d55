"""Rules about how facts were stated, whatever they say, one file each."""
