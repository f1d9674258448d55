"""Who lives in the street at first."""

from datetime import timedelta

from services.simulator.street import Cast, Street


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
