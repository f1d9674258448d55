"""Who is who: canonical ID numbers, account numbers, and a person's key."""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import Any

CHECK_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_CHARACTERS = "10X98765432"


def without_blanks(text: str) -> str:
    """`text` with full-width characters folded and every blank removed."""
    return "".join(unicodedata.normalize("NFKC", text).split())


@cache
def canonical_id_number(number: str) -> str:
    """An ID number in its one form: folded, no blanks, X upper-case, 15 digits made 18 (GB 11643)."""
    number = without_blanks(number).upper()
    if len(number) == 15 and number.isdigit():
        seventeen = number[:6] + "19" + number[6:]
        weighted = sum(int(digit) * weight for digit, weight in zip(seventeen, CHECK_WEIGHTS, strict=True))
        number = seventeen + CHECK_CHARACTERS[weighted % 11]
    return number


@cache
def canonical_account_number(number: str) -> str:
    """An account number in its one form: folded, no blanks or hyphens, letters upper-case."""
    return without_blanks(number).replace("-", "").upper()


def person_key(person: dict[str, Any], source: str) -> str:
    """`id:<18 characters>`, or `local:<source>:<local_no>` where the ID number is unknown.

    A local_no is the upstream's own number, so it means something only together with its source.
    """
    if person.get("id_number"):
        return "id:" + canonical_id_number(person["id_number"])
    return f"local:{source}:{person['local_no']}"
