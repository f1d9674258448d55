"""The ledgers: what each declares is what its question answers, and given these events, these rows."""
