"""Money that was paid after a death: whether it came back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from tests.oracle.oversight.log import Found, Log, day_of, found, later
from tests.oracle.scan import paid_after_death, world_of


def short(log: Log) -> Iterable[Found]:
    world = world_of(log.facts, log.day)
    owed: dict[tuple[str, str], int] = defaultdict(int)
    months: dict[tuple[str, str], set[str]] = defaultdict(set)
    for finding in paid_after_death(world):
        key = finding.key["household_no"], finding.key["programme"]
        owed[key] += finding.params["overpaid_fen"]
        months[key].add(finding.key["month"])
    recoveries = log.by("payments.recovered", "household_no", "programme")
    for key, fen in owed.items():
        paid = [p for p in world.payments if (p.household_no, p.programme) == key and p.month in months[key]]
        last = max(payment.paid_on for payment in paid)
        about = {"household_no": key[0], "programme": key[1]}
        due_on = later(last, log.policy("recovery.days", last, about))
        back = sum(
            fact.data["amount_fen"]
            for fact in recoveries[key]
            if fact.data["cause"] == "death" and day_of(fact.data["recovered_on"]) <= log.day
        )
        if due_on < log.day and back < fen:
            said = {"due_on": due_on.isoformat(), "short_fen": fen - back}
            yield found("high", said, household_no=key[0], programme=key[1])


RULES = {"recovered-short": short}
