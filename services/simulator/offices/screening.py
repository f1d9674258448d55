"""Who may need help and does not have it (摸排), and households gone over in a campaign (清查)."""

from datetime import date

from services.simulator.facts import Event
from services.simulator.household import Household
from services.simulator.offices.office import Office, key_of
from services.simulator.offices.officials import Official
from services.simulator.people import Person


class Screening(Office):
    """Lists people at risk, visits and assesses them, and says what comes of it."""

    context = "screening"
    source = "/civil-affairs/{street}/screening"
    serial = "MP"
    void_fields = ("screening_no", "household_no", "person")

    def list_person(
        self,
        person: Person,
        division: str,
        category: str,
        list_name: str,
        day: date,
        household_no: str | None = None,
    ) -> Event:
        """A person stands on a list; one number from here to the outcome."""
        data = {
            "screening_no": self._number(),
            "person": person.identity,
            "household_no": household_no,
            "division": division,
            "category": category,
            "listed_on": day,
            "list_name": list_name,
        }
        return self.tell("listed", day, data)

    def visit(self, listed: Event, day: date, visitors: list[Official]) -> None:
        """Somebody went to see the person."""
        numbers = [official.no for official in visitors]
        data = {**key_of(listed, "screening_no"), "visited_on": day, "visitors": numbers, "met": True}
        self.tell("visited", day, data)

    def assess(
        self, listed: Event, day: date, *, risk: str, income: int, policies: tuple[str, ...] = ()
    ) -> Event:
        """What the person can do and lives on, and which policies fit; income in 分 a month."""
        data = {
            **key_of(listed, "screening_no"),
            "assessed_on": day,
            "labour": "none" if risk == "high" else "weak",
            "earning": "none" if risk == "high" else "weak",
            "relapse_risk": risk,
            "per_capita_income_fen": income,
            "policies": list(policies),
        }
        return self.tell("assessed", day, data)

    def conclude(self, listed: Event, day: date, outcome: str, application_no: str | None = None) -> None:
        """What came of it."""
        data = {
            **key_of(listed, "screening_no"),
            "concluded_on": day,
            "outcome": outcome,
            "application_no": application_no,
            "reason": "收入或财产超过标准" if outcome == "not_eligible" else None,
        }
        self.tell("concluded", day, data)

    def check_household(
        self,
        household: Household,
        programme: str,
        day: date,
        checkers: list[Official],
        persons: int,
        entitlement: int,
        conclusion: str,
    ) -> None:
        """A household that receives is gone over in the campaign."""
        data = {
            "division": household.division,
            "screening_no": self._number(),
            "household_no": household.no,
            "programme": programme,
            "checked_on": day,
            "checkers": [official.no for official in checkers],
            "person_count": persons,
            "entitlement_fen": entitlement,
            "comparison": "consistent" if conclusion == "eligible" else "inconsistent",
            "conclusion": conclusion,
        }
        self.tell("household_checked", day, data)

    def _number(self) -> str:
        return f"MP{self.register.serials.take('screening_no')}"
