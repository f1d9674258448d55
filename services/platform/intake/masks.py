"""Values as they may be shown: enough to find the cell by, too little to know what stands in it."""

import re

_HIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def mask(text: str) -> str:
    """Return a value as a report may show it."""
    text = _HIDDEN.sub("\ufffd", text)  # what neither JSON nor PostgreSQL can carry, and no screen should
    if not text:
        return ""
    if len(text) < 4:
        return text[0] + "*" * (len(text) - 1)
    if len(text) < 12:
        return text[0] + "*" * (len(text) - 2) + text[-1]
    return text[:2] + "*" * min(len(text) - 4, 16) + text[-2:]
