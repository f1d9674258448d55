"""Rules about near relatives of officials, one file each."""
