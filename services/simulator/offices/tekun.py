"""Where people in 特困供养 live, and who cares for them."""

from datetime import date, timedelta

from services.simulator.facts import Event
from services.simulator.household import Household
from services.simulator.offices.office import Office
from services.simulator.people import Person


class Tekun(Office):
    """Finds places in institutions, and signs who cares for those at home."""

    context = "tekun"
    source = "/civil-affairs/{street}/tekun"
    serial = "TK"
    void_fields = ("household_no", "person", "carer")

    def demand(self, household: Household, person: Person, self_care: str, day: date) -> Event:
        """The person wants to live in an institution."""
        return self.tell(
            "central_demanded", day, {**_of(household, person), "demanded_on": day, "self_care": self_care}
        )

    def admit(self, household: Household, person: Person, institution: str, day: date) -> None:
        """The person moves in."""
        self.tell("admitted", day, {**_of(household, person), "institution": institution, "admitted_on": day})

    def discharge(
        self, household: Household, person: Person, institution: str, cause: str, day: date
    ) -> None:
        """The person leaves."""
        data = {"institution": institution, "discharged_on": day, "cause": cause}
        self.tell("discharged", day, {**_of(household, person), **data})

    def care_at_home(self, household: Household, person: Person, self_care: str, day: date) -> None:
        """The person is supported at home."""
        data = {"begun_on": day, "self_care": self_care}
        self.tell("dispersed_care_begun", day, {**_of(household, person), **data})

    def agree(self, household: Household, person: Person, carer: Person, kind: str, day: date) -> None:
        """Somebody undertakes to care for a person at home, for a year."""
        data = {
            "agreement_no": f"照料协议{self.register.serials.take('care_agreement_no')}",
            "carer": carer.identity,
            "carer_kind": kind,
            "signed_on": day,
            "valid_from": day,
            "valid_to": day + timedelta(days=364),
        }
        self.tell("care_agreement_signed", day, {**_of(household, person), **data})


def _of(household: Household, person: Person) -> dict[str, object]:
    return {"household_no": household.no, "person": person.identity}
