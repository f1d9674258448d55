"""The facts that upstream systems send: structured CloudEvents with readable data (contract.md)."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from services.simulator.people import BANKS

Event = dict[str, Any]

CIVIL_AFFAIRS = "/civil-affairs/500102008/dibao"
VITALS = "/vitals/500102"
CUSTODY = "/street/500102008/custody"
PETITIONS = "/petitions/500102008"
POLICY = "/civil-affairs/500102/policy"

# Facts that reach us as files have no time of day: they happened on the day that this field names.
FILE_TYPES = {
    "dibao.payments.paid.v1": "paid_on",
    "dibao.vitals.died.v1": "died_on",
    "dibao.custody.granted.v1": "valid_from",
    "dibao.custody.ended.v1": "ended_on",
    "dibao.petitions.filed.v1": "filed_on",
    "dibao.petitions.closed.v1": "closed_on",
}

# What a void repeats of the original, so that nobody has to look it up.
VOID_FIELDS = {
    "enrollment": ("household_no", "programme"),
    "payments": ("household_no", "programme", "month", "payment_no", "account"),
    "vitals": ("person",),
    "custody": ("household_no", "custody_no", "beneficiary", "custodian", "account_number"),
}

_SERIAL = {CIVIL_AFFAIRS: "DB", VITALS: "SW", CUSTODY: "DG", PETITIONS: "XF", POLICY: "ZC"}


def source_of_bank(bank: str) -> str:
    """The CloudEvents source of a bank's payment lines."""
    return BANKS[bank][2]


@dataclass
class Serials:
    """Business serials (流水号): unique within their source, and payment numbers unique in the street."""

    _next: Counter[str] = field(default_factory=Counter)

    def take(self, name: str) -> int:
        """The next number of a series."""
        self._next[name] += 1
        return self._next[name]

    def event_id(self, source: str, day: date) -> str:
        """The id of the next event of a source."""
        prefix = _SERIAL.get(source, "LS")
        return f"{prefix}{day:%Y%m}-{self.take(source):06d}"


def event(serials: Serials, source: str, name: str, day: date, data: dict[str, Any], hour: int = 9) -> Event:
    """An event of type ``dibao.<name>.v1`` that happened on a day; ``None`` in the data means absent."""
    event_type = f"dibao.{name}.v1"
    present = {key: value for key, value in data.items() if value is not None}
    if event_type in FILE_TYPES:
        day = date.fromisoformat(present[FILE_TYPES[event_type]])
        clock = "00:00:00"
    else:
        clock = f"{hour:02d}:30:00"
    return {
        "specversion": "1.0",
        "id": serials.event_id(source, day),
        "source": source,
        "type": event_type,
        "time": f"{day.isoformat()}T{clock}+08:00",
        "datacontenttype": "application/json",
        "data": present,
    }


def void(serials: Serials, original: Event, day: date, reason: str) -> Event:
    """The fact that the original never counted."""
    context = original["type"].split(".")[1]
    data = {
        "source": original["source"],
        "id": original["id"],
        "type": original["type"],
        "reason": reason,
        **{name: original["data"].get(name) for name in VOID_FIELDS[context]},
    }
    return event(serials, original["source"], f"{context}.voided", day, data, hour=16)
