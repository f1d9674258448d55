"""Names compare by tiers of match keys: the first two clear, the weaker ones only lower a severity (R27)."""

from collections.abc import Iterable

from services.detection.bodies import Names


def clears(holder: Names, names: Iterable[Names], *, exact_only: bool = False) -> bool:
    """Whether a holder is one of these names, exactly or normalised."""
    return any(
        holder.exact == name.exact or (not exact_only and holder.normalised == name.normalised)
        for name in names
    )


def weaker_tier(holder: Names, names: Iterable[Names]) -> str | None:
    """Return the strongest weak tier in which a holder is one of these names: variant, pinyin, or None."""
    names = list(names)
    if any(holder.variant == name.variant for name in names):
        return "variant"
    if any(holder.pinyin == name.pinyin for name in names):
        return "pinyin"
    return None
