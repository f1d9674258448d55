"""More than one regular payment of a month to one account: paid twice, or in parts, or only seemingly so."""

from datetime import date

from services.simulator.offices.payments import Monthly
from services.simulator.parameters import days
from services.simulator.street import Street

RULE = "frequent-payment"
KEY = ("household_no", "programme", "month", "account")


def tell_of_frequent(street: Street) -> None:
    """After the run: which accounts kept more than one regular payment, and which only look as if."""
    for place, monthly in street.payments.monthly.items():
        if monthly.institution:
            continue
        key = dict(zip(KEY, place, strict=True))
        if len(monthly.kept) > days("payments.regular_a_month", date.fromisoformat(f"{key['month']}-01")):
            case = "in_parts" if len(set(monthly.kept.values())) > 1 else "paid_twice"
            street.labels.irregular(RULE, case, key, severity="medium", payments=sorted(monthly.kept))
        elif look := _looks_alike(monthly):
            street.labels.lawful(RULE, look, key)


def _looks_alike(monthly: Monthly) -> str | None:
    if monthly.undone and monthly.kept:
        return monthly.undone
    return f"{monthly.beside}_beside" if monthly.beside and monthly.kept else None
