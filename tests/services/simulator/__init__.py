"""The invented street: deterministic, plausible, and labelled by what happened in it."""
