"""Who lives in the street at first, and who comes."""

from datetime import timedelta
from random import Random

from services.simulator.life.chance import about
from services.simulator.street import Cast, Street

ENTRIES_A_YEAR = 0.10  # domain.md section 6


def first_households(street: Street) -> None:
    """The street as it stood before the run: everybody enrolled from the first month."""
    first, random, count = street.month, street.casting, street.size
    opened = street.day(1) - timedelta(days=12)
    tekun = max(4, count * 5 // 100)
    dual = max(1, count * 25 // 1000)
    for n in range(tekun):
        institution = street.institutions[n % len(street.institutions)] if n % 5 else None
        street.move_in_tekun(institution, first, opened - timedelta(days=random.randrange(20)))
    for _ in range(dual):
        street.move_in_dual(first, opened - timedelta(days=random.randrange(20)))
    for _ in range(max(0, count - tekun - dual)):
        street.move_in(Cast(), first=first, decided_on=opened - timedelta(days=random.randrange(20)))


def newcomers(street: Street, random: Random) -> None:
    """Households decided on this month, from the next on."""
    for _ in range(about(random, street.size * ENTRIES_A_YEAR / 12)):
        street.move_in(Cast(), first=street.month + 1, decided_on=street.some_day(6, 25))
    if random.random() < street.size / 1200 / 4:
        institution = random.choice([*street.institutions, None])
        street.move_in_tekun(institution, street.month + 1, street.some_day(6, 25))
