"""Temporary relief (临时救助): granted once, for a cause and an occasion."""

from datetime import date

from services.simulator.facts import Event
from services.simulator.offices.office import Office
from services.simulator.people import Person


class Relief(Office):
    """Grants temporary relief."""

    context = "relief"
    source = "/civil-affairs/{street}/relief"
    serial = "LJ"
    void_fields = ("relief_no", "household_no", "person")

    def occasion(self) -> str:
        """The number of something that happened to somebody."""
        return f"SY{self.register.serials.take('occasion_no')}"

    def grant(
        self,
        person: Person,
        division: str,
        cause: str,
        amount: int,
        day: date,
        *,
        household_no: str | None = None,
        occasion_no: str | None = None,
        from_reserve: bool = False,
    ) -> Event:
        """Relief for a person; ``from_reserve``: the township pays at once."""
        data = {
            "relief_no": f"JZ{self.register.serials.take('relief_no')}",
            "person": person.identity,
            "household_no": household_no,
            "division": division,
            "cause": cause,
            "occasion_no": occasion_no,
            "amount_fen": amount,
            "from_reserve": from_reserve,
            "granted_on": day,
            "reason": "基本生活出现严重困难",
        }
        return self.tell("granted", day, data)
