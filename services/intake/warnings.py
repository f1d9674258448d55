"""What looks wrong in a fact that is accepted all the same: what would make it wrong is not known for sure.

An area code that no list has may be too old for the lists; a passbook's account number need not have a card's
check digit; a village's code may be newer than the data (domain.md, section 4).
"""

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache

from stdnum import luhn, numdb

from events.divisions import covered, known
from events.id_numbers import area_of
from events.values import AccountNumber, Division, IdNumber, Name
from services.intake.answers import Fault
from services.intake.places import Places
from services.intake.sentences import say
from services.platform.protection import ReadableFact

_DOUBTFUL = Places(IdNumber, AccountNumber, Division, Name)
_SEVERAL = re.compile("[、，,；;]")
_CARDS = range(16, 20)


def warnings_of(fact: ReadableFact) -> tuple[Fault, ...]:
    """Return what is to be said about an accepted fact; nothing about voids, which repeat what was said."""
    return () if fact.entry.void else tuple(_warnings(fact))


def _warnings(fact: ReadableFact) -> Iterator[Fault]:
    for kind, place, value in _DOUBTFUL.values(fact.data):
        if kind is IdNumber:
            if (code := area_of(value)) is not None and not _was_area(code):
                yield Fault(f"data.{place}", say("unknown-area-code"))
        elif kind is AccountNumber:
            if not _may_be_account(value):
                yield Fault(f"data.{place}", say("card-check-digit"))
        elif kind is Name:
            if _SEVERAL.search(value) is not None:
                yield Fault(f"data.{place}", say("several-names"))
        elif not _may_be_village(value, on := fact.entry.business_date_of(fact.data, fact.time)):
            yield Fault(f"data.{place}", say("unknown-village", day=on.isoformat()))


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
