"""How dibao is run."""
