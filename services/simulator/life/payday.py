"""Pay day: what every spell is due that no story has paid, or withheld."""

from collections import Counter

from services.simulator import months
from services.simulator.street import Street


def pay(street: Street) -> None:
    """Pay the month, and note what is lawful about collective accounts and double programmes."""
    month = street.month
    residents: Counter[str] = Counter()
    for household in street.active:
        for spell in household.spells.values():
            if not spell.covers(month) or spell.programme in household.handled:
                continue
            paid = street.payments.pay_due(household, spell)
            if spell.programme == "tekun" and (account := spell.account(month)).institution:
                residents[account.number] += 1
                if month == spell.first:
                    street.labels.lawful("name-mismatch", "institution_of_tekun", paid.account_key)
        if len(household.spells) == 2 and month == street.settings.first_month:
            key = {"account": household.spell.account(month).number, "month": months.text(month)}
            street.labels.lawful("shared-account", "two_programmes_of_one_household", key)
            street.labels.lawful("name-mismatch", "member_of_the_other_programme", paid.account_key)
        household.handled.clear()
    for number, paid_to in residents.items():
        if paid_to > 1:
            key = {"account": number, "month": months.text(month)}
            street.labels.lawful("shared-account", "institution", key)
