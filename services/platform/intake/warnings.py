"""What looks wrong in a fact that is accepted all the same: what would make it wrong is not known for sure.

An area code that no list has may be too old for the lists; a passbook's account number need not have a card's
check digit; a village's code may be newer than the data (domain.md, section 4).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from stdnum import luhn, numdb

from events.divisions import covered, known
from events.values import AccountNumber, Division, IdNumber
from services.platform.intake.places import Places
from services.platform.protection import ReadableFact

_DOUBTFUL = Places(IdNumber, AccountNumber, Division)
_CARDS = range(16, 20)
_CARD = "the number of a bank card (62…, 16 to 19 digits) whose check digit (Luhn) is right"
_AREA = "an ID number whose first six digits are or were an area code"


@dataclass(frozen=True, slots=True)
class FactWarning:
    """A field that is accepted with a doubt, and what would have been expected there; never the value."""

    field: str
    warning: str

    def as_json(self) -> dict[str, str]:
        """Return the warning as it stands in an HTTP answer."""
        return {"field": self.field, "warning": self.warning}


def warnings_of(fact: ReadableFact) -> tuple[FactWarning, ...]:
    """Return what is to be said about an accepted fact; nothing about voids, which repeat what was said."""
    return () if fact.entry.void else tuple(_warnings(fact))


def _warnings(fact: ReadableFact) -> Iterator[FactWarning]:
    for kind, place, value in _DOUBTFUL.values(fact.data):
        if kind is IdNumber:
            if not _was_area(value[:6]):
                yield FactWarning(f"data.{place}", _AREA)
        elif kind is AccountNumber:
            if not _may_be_account(value):
                yield FactWarning(f"data.{place}", _CARD)
        elif not _may_be_village(value, on := fact.entry.business_date_of(fact.data, fact.time)):
            yield FactWarning(f"data.{place}", f"the code of a village that is known on {on}")


@lru_cache(10_000)
def _was_area(code: str) -> bool:
    # In whichever year: an abolished code is valid for life, and people are given codes younger than they.
    return any("county" in properties for _, properties in numdb.get("cn/loc").info(code))


@lru_cache(100_000)
def _may_be_account(number: str) -> bool:
    card = number.startswith("62") and len(number) in _CARDS and number.isdigit()
    return not card or luhn.is_valid(number)


@lru_cache(10_000)
def _may_be_village(code: str, on: date) -> bool:
    return not covered(code) or known(code, on) is not None
