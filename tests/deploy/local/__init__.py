"""The local stack, on real servers."""
