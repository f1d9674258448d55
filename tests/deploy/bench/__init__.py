"""How fast it is: what the benchmark counts and reports."""
