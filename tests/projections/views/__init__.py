"""Each view declares what its question answers; given these events, these rows."""
