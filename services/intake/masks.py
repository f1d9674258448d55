"""Values as they may be shown: enough to find the cell by, too little to know what stands in it."""

import re

_HIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def carried(text: str) -> str:
    """Return a text without what neither JSON nor PostgreSQL can carry, and no screen should."""
    return _HIDDEN.sub("\ufffd", text)


def mask(text: str) -> str:
    """Return a value as a report may show it."""
    text = carried(text)
    if not text:
        return ""
    if len(text) < 4:
        return text[0] + "*" * (len(text) - 1)
    if len(text) < 12:
        return text[0] + "*" * (len(text) - 2) + text[-1]
    return text[:2] + "*" * min(len(text) - 4, 16) + text[-2:]


def masks_apart(one: str, other: str) -> tuple[str, str]:
    """Return two different values as a report may show them, and so that they can be told apart.

    Where their masks look alike, they show the first character in which the values differ as well; or they
    stay alike, where nothing would be hidden then.
    """
    masked, masked_other = mask(one), mask(other)
    if masked != masked_other:
        return masked, masked_other
    at = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), None)
    if at is None or at >= len(masked):
        return masked, masked_other
    apart = _with(masked, one, at), _with(masked_other, other, at)
    return apart if all("*" in shown for shown in apart) else (masked, masked_other)


def _with(masked: str, text: str, at: int) -> str:
    return masked[:at] + _HIDDEN.sub("\ufffd", text[at]) + masked[at + 1 :]
