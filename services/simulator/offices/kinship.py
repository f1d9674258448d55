"""The filing of near relatives of officials among those who receive (近亲属备案)."""

from datetime import date

from services.simulator.facts import Event
from services.simulator.household import Household
from services.simulator.offices.office import Office, key_of
from services.simulator.offices.officials import Official
from services.simulator.people import Person

RELATIONS = ("parent", "sibling", "child", "spouse", "grandparent")
KINDS = ("village_committee", "handling_staff", "township_staff")
"""Officials whose near relatives are filed."""


class Kinship(Office):
    """Takes filings in, and looks at the households filed."""

    context = "kinship"
    source = "/civil-affairs/{street}/kinship"
    serial = "QS"
    void_fields = ("household_no", "filing_no", "official", "relative")

    def declare(
        self, household: Household, official: Official, relative: Person, relation: str, day: date
    ) -> Event:
        """An official files a relative who receives, or asks to."""
        kinds = {"handling_staff": "handling_staff", "village_committee": "village_committee"}
        number = f"QS{self.register.serials.take('filing_no')}"
        data = {
            "filing_no": number,
            "household_no": household.no,
            "programme": household.spell.programme,
            "official": official.person.identity,
            "official_no": official.no,
            "official_kind": kinds.get(official.kind, "township_staff"),
            "post": official.body + official.post,
            "relative": relative.identity,
            "relation": relation,
            "declared_on": day,
        }
        return self.tell("declared", day, data)

    def review(
        self,
        declared: Event,
        day: date,
        reviewers: list[Official],
        *,
        visited: bool = True,
        outcome: str = "lawful",
    ) -> None:
        """The filing is looked into; the county must visit the household."""
        data = {
            **key_of(declared, "filing_no", "household_no"),
            "reviewed_on": day,
            "reviewers": [official.no for official in reviewers],
            "visited": visited,
            "outcome": outcome,
            "findings": "入户核实，家庭情况与申报一致" if visited else "查阅档案，未入户",
        }
        self.tell("reviewed", day, data)
