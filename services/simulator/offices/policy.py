"""The county's civil affairs bureau: parameters, and from when they hold."""

from datetime import date
from typing import Any

from services.simulator.facts import Event
from services.simulator.offices.office import Office


class Policy(Office):
    """Adopts parameters, and issues policies."""

    context = "policy"
    source = "/civil-affairs/{county}/policy"
    serial = "ZC"
    void_fields = ("parameter", "policy_no")

    def adopt(self, parameter: str, value: Any, first: date, decided_on: date, document: str) -> None:
        """A parameter has a value from a day on."""
        data = {"parameter": parameter, "value": value, "from": first.isoformat(), "document": document}
        self.send(self.state("adopted", decided_on, data), decided_on, decided_on, once=True)

    def issue(
        self,
        policy_no: str,
        title: str,
        gives: str,
        document: str,
        first: date,
        to: date | None,
        conditions: tuple[str, ...],
        issued_on: date,
    ) -> Event:
        """A policy for people in need holds from a day on."""
        data = {
            "policy_no": policy_no,
            "title": title,
            "document": document,
            "issued_by": "市民政局",
            "from": first,
            "to": to,
            "gives": gives,
            "conditions": list(conditions),
        }
        return self.tell("issued", issued_on, data)
