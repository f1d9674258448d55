"""Rules about batches of payments, one file each."""
