"""What contexts are called in Chinese: as their services declare it."""

from importlib import import_module

from events.catalogue import UPSTREAM_CONTEXTS

_OWN = {"anomalies": "预警"}


def title_of(context: str) -> str:
    """Return the Chinese name of a context."""
    if context not in UPSTREAM_CONTEXTS:
        return _OWN[context]
    title: str = import_module(f"services.{context}.service").DECLARATION.title
    return title
