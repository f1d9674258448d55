"""Names compare by tiers of match keys: the first two clear, the weaker ones only lower a severity (R27).

A fact of version 2 of the rules for names has keys of both versions where they differ; one of version 1 has
the first only. Two names agree in a tier where they share a key, of whichever version.
"""

from collections.abc import Iterable

from services.detection.facts.fact import Names


def clears(holder: Names, names: Iterable[Names], *, exact_only: bool = False) -> bool:
    """Whether a holder is one of these names, exactly or normalised."""
    for name in names:
        if holder.exact == name.exact:
            return True
        if not exact_only and (holder.normalised == name.normalised or _folded_agree(holder, name, 0)):
            return True
    return False


def weaker_tier(holder: Names, names: Iterable[Names]) -> str | None:
    """Return the strongest weak tier in which a holder is one of these names: variant, pinyin, or None."""
    names = list(names)
    if any(holder.variant == name.variant or _folded_agree(holder, name, 1) for name in names):
        return "variant"
    if any(holder.pinyin == name.pinyin or _folded_agree(holder, name, 2) for name in names):
        return "pinyin"
    return None


def _folded_agree(one: Names, other: Names, tier: int) -> bool:
    if one.folded is None and other.folded is None:  # as nearly all
        return False
    return not _keys(one, tier).isdisjoint(_keys(other, tier))


def _keys(name: Names, tier: int) -> set[str]:
    own = (name.normalised, name.variant, name.pinyin)[tier]
    return {own} if name.folded is None else {own, name.folded[tier]}
