"""The county's office that follows the State Council's notice of holidays."""

from datetime import date
from typing import Any

from services.simulator.facts import Event
from services.simulator.offices.office import Office
from services.simulator.workdays import arranged


class Calendar(Office):
    """Says how the holidays of a year are arranged."""

    context = "calendar"
    source = "/civil-affairs/{county}/calendar"
    serial = "JJ"
    void_fields = ("year",)

    def arrange(self, year: int, day: date) -> Event | None:
        """A year is arranged, as is said on a day; nothing where nobody knows how."""
        holidays, working_days = arranged(year)
        return self._arrange(year, day, holidays, working_days) if holidays else None

    def arrange_wrongly(self, year: int, day: date) -> None:
        """The same with a day of it forgotten, which is found and taken back at once."""
        holidays, working_days = arranged(year)
        if holidays:
            self.void(self._arrange(year, day, holidays[:-1], working_days), day, "日期录入有误", day)

    def _arrange(self, year: int, day: date, holidays: list[str], working_days: list[str]) -> Event:
        data: dict[str, Any] = {
            "year": year,
            "holidays": holidays,
            "working_days": working_days,
            "document": f"国办发明电〔{year - 1}〕节假日安排",
        }
        # Once for all, so that no chance is asked whether it comes again.
        return self.send(self.state("year_arranged", day, data), day, day, once=True)
