"""Rules about looking again at who receives, one file each."""
