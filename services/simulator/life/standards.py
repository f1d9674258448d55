"""The yearly raise of the standards."""

from random import Random

from services.simulator import months
from services.simulator.street import Street, standard


def raise_in_autumn(street: Street, random: Random) -> None:
    """In September every household's entitlement is raised from October, with the standard."""
    if months.number(street.month) != 9:
        return
    first = street.month + 1
    for household in street.active:
        for spell in household.spells.values():
            if not spell.covers(first) or spell.entitlements[-1][0] >= first:
                continue
            before, after = standard(spell.programme, street.month), standard(spell.programme, first)
            if after > before:
                amount, parts = street.raised(spell, first, (after - before) * 100 // before)
                street.enrollment.adjust(
                    household,
                    spell,
                    first,
                    amount,
                    months.day(street.month, random.randint(18, 28)),
                    "提标",
                    components=parts,
                    hour=14,
                )
