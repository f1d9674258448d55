"""Given these events, then these rows and views."""
