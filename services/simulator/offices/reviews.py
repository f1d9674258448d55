"""The civil affairs office after the decision: who is looked at again, compared, let earn for a while."""

from datetime import date, timedelta

from services.simulator import months
from services.simulator.facts import Event
from services.simulator.household import Household
from services.simulator.months import Month
from services.simulator.offices.office import Office
from services.simulator.offices.officials import Official
from services.simulator.people import Person


class Reviews(Office):
    """Looks again at those who receive, and at those who did."""

    context = "enrollment"
    source = "/civil-affairs/{street}/reviews"
    serial = "FH"
    void_fields = ("household_no", "programme", "person")

    def review(
        self,
        household: Household,
        programme: str,
        day: date,
        reviewers: list[Official],
        *,
        kind: str = "periodic",
        outcome: str = "continue",
        deliver: date | None = None,
    ) -> Event:
        """A household is looked at again; what it lives on decides when the next time is due."""
        if kind != "follow_up":
            household.reviewed_on = day
        data = {
            "review_no": f"FH{self.register.serials.take('review_no')}",
            "household_no": household.no,
            "programme": programme,
            "kind": kind,
            "reviewed_on": day,
            "reviewers": [official.no for official in reviewers],
            "income_class": household.income_class if kind != "follow_up" else None,
            "outcome": outcome,
            "findings": "入户核查，与申报情况一致" if outcome == "continue" else "家庭情况有变化",
        }
        return self.tell("reviewed", day, data, deliver=deliver)

    def compare(
        self,
        household: Household,
        person: Person,
        day: date,
        register: str,
        item: str,
        *,
        hit: bool,
        amount: int | None = None,
        review: tuple[Official, date, str] | None = None,
    ) -> Event:
        """A person is compared with another register; a hit is to be looked into."""
        data = {
            "comparison_no": f"BD{self.register.serials.take('comparison_no')}",
            "household_no": household.no,
            "person": person.identity,
            "compared_on": day,
            "compared_with": register,
            "item": item,
            "hit": hit,
            "amount_fen": amount,
            **_looked_into(review),
        }
        return self.tell("compared", day, data)

    def look_into(self, compared: Event, official: Official, day: date, review: str) -> None:
        """A hit is looked into: the comparison is stated again, with what came of it."""
        data = {**compared["data"], **_looked_into((official, day, review))}
        self.tell("compared", day, data, deliver=day + timedelta(days=1))

    def grant_grace(
        self, household: Household, programme: str, first: Month, last: Month, day: date
    ) -> dict[str, str]:
        """The household earns, and goes on receiving for some months; returns the natural key."""
        data = {
            "household_no": household.no,
            "programme": programme,
            "from_month": months.text(first),
            "to_month": months.text(last),
            "cause": "employment",
            "decided_on": day,
        }
        self.tell("grace_granted", day, data)
        return {name: str(data[name]) for name in ("household_no", "programme", "from_month")}


def _looked_into(review: tuple[Official, date, str] | None) -> dict[str, object]:
    if review is None:
        return {"review": "pending"}
    official, day, outcome = review
    return {"reviewed_by": official.no, "reviewed_on": day, "review": outcome}
