"""Whole numbers with a given mean."""

from random import Random


def about(random: Random, mean: float) -> int:
    """A whole number whose mean is the given one."""
    return int(mean) + (random.random() < mean - int(mean))
