"""The county's civil affairs bureau: parameters, and from when they hold."""

from datetime import date
from typing import Any

from services.simulator.offices.office import Office


class Policy(Office):
    """Adopts parameters."""

    context = "policy"
    source = "/civil-affairs/{county}/policy"
    serial = "ZC"
    void_fields = ("parameter",)

    def adopt(self, parameter: str, value: Any, first: date, decided_on: date, document: str) -> None:
        """A parameter has a value from a day on."""
        data = {"parameter": parameter, "value": value, "from": first.isoformat(), "document": document}
        self.send(self.state("adopted", decided_on, data), decided_on, decided_on, once=True)
