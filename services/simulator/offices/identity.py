"""The household register: numbers put right, households that move."""

from datetime import date

from services.simulator.facts import Event
from services.simulator.household import Household
from services.simulator.offices.office import Office
from services.simulator.people import Person


class Identity(Office):
    """Says who is who, and where a household lives. Nothing of it changes what somebody is entitled to."""

    context = "identity"
    source = "/civil-affairs/{street}/registry"
    serial = "HJ"
    void_fields = ("household_no", "person", "corrected")

    def find_number(self, person: Person, id_number: str, day: date) -> None:
        """The ID number of a person becomes known that was known by a number of the office's own."""
        corrected = {"name": person.name, "id_number": id_number}
        data = {
            "person": person.identity,
            "corrected": corrected,
            "corrected_on": day,
            "ground": "number_found",
            "document": "户籍证明",
        }
        self.tell("corrected", day, data)

    def move(self, household: Household, division: str, day: date) -> Event:
        """A household moves to another village of the street; its number stays."""
        data = {
            "household_no": household.no,
            "from_division": household.division,
            "division": division,
            "moved_on": day,
        }
        household.division = division
        return self.tell("household_moved", day, data)

    def merge(self, household: Household, other: Household, day: date) -> None:
        """Two households become one, which keeps the first one's number."""
        other.merged_into = household
        data = {
            "household_no": household.no,
            "merged": [other.no],
            "merged_on": day,
            "reason": "共同生活，合并为一户",
        }
        self.tell("households_merged", day, data)

    def divide(self, household: Household, parts: dict[str, list[Person]], day: date) -> None:
        """A household becomes several; ``parts`` are their members by number."""
        data = {
            "household_no": household.no,
            "parts": [
                {"household_no": number, "members": [person.identity for person in members]}
                for number, members in parts.items()
            ],
            "split_on": day,
            "reason": "分户",
        }
        self.tell("household_split", day, data)
