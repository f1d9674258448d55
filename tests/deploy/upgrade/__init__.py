"""The next version beside this one, on the same servers: what an upgrade brings, and what becomes of it."""
