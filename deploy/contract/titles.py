"""What contexts are called in Chinese: as their services declare it."""

from deploy.contexts import DECLARATIONS

_OWN = {"anomalies": "预警"}


def title_of(context: str) -> str:
    """Return the Chinese name of a context."""
    declared = DECLARATIONS.get(context)
    return declared.title if declared is not None else _OWN[context]
