"""Findings as labels name them."""


def identity(rule: str, key: dict[str, str]) -> tuple[str, tuple[tuple[str, str], ...]]:
    """A finding's natural key; the oracle writes persons as ``id:<number>``."""
    return rule, tuple(sorted((name, value.removeprefix("id:")) for name, value in key.items()))
