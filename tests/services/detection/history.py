"""Random histories of a tiny village, in which everything that may go wrong does."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from tests.services.detection.upstream import (
    Raw,
    adopted,
    custody_ended,
    day_closed,
    died,
    enrolled,
    exited,
    fact,
    granted,
    paid,
    person_of,
    returned,
    void,
)

HOUSEHOLDS = ("H1", "H2", 'H"3\\{}')
PEOPLE = ("张三", "李四", "王 五", "王五", "陈升", "陈昇", "司馬光")
NUMBERS = ("6217000000000001", "6217000000000002")
MONTHS = tuple(f"2021-{month:02d}" for month in range(1, 7))
PROGRAMMES = ("rural_dibao", "rural_dibao", "tekun")
CUSTODIES = ("C1", "C2")
SCOPES: tuple[dict[str, str], ...] = (
    {},
    {"programme": "rural_dibao"},
    {"division_prefix": "500102008"},
    {"division_prefix": "500102008203"},
)
RECEIPTS = tuple(f"0000000{number}-0000-4000-8000-000000000000" for number in (3, 1, 2))
AREAS = ("500102008202", "500102008203", "500102009,500102008203", "500102008")
SEEN_IN_ALL = (
    "void before fact",
    "void of a version",
    "void with two contents",
    "late death",
    "membership change",
    "policy change",
    "policy voided",
    "day close",
    "conflict",
    "conflict of households",
    "repeat",
    "return before payment",
    "number used twice",
    "another receipt",
    "out of its area",
    "findings",
)


@dataclass
class History:
    """Facts in the order in which they arrive, with batch borders, and what is in them.

    The last ``late`` batches come one by one, when everything before them was evaluated.
    """

    batches: list[list[Raw]]
    late: int
    contains: Counter[str]

    @property
    def raws(self) -> list[Raw]:
        return [raw for batch in self.batches for raw in batch]


def history(seed: int, size: int) -> History:
    """Return a random history of about ``size`` facts, shuffled across all topics."""
    chance = random.Random(seed)
    raws = [_enrolled(chance, 0), _enrolled(chance, 1)]
    for number in range(2, size):
        raws.append(chance.choices(_KINDS, _WEIGHTS)[0](chance, number))
    for raw in [raw for raw in raws if raw["type"].startswith("dibao.payments.returned")]:
        payments = [other for other in raws if other["type"].startswith("dibao.payments.paid")]
        if payments:
            raw["data"]["payment_no"] = chance.choice(payments)["data"]["payment_no"]
    payments = [raw for raw in raws if raw["type"].startswith("dibao.payments.paid")]
    for raw in payments:
        if chance.random() < 0.15:
            raw["data"]["payment_no"] = chance.choice(payments)["data"]["payment_no"]
    for raw in raws:
        if chance.random() < 0.5:
            raw["correlationid"] = chance.choice(RECEIPTS)
        if chance.random() < 0.4 and ".day_closed." not in raw["type"]:
            raw["sourcearea"] = chance.choice(AREAS)
    raws += _conflicts(chance, raws, max(1, size // 12))
    voidable = [raw for raw in raws if ".day_closed." not in raw["type"]]
    voids = [
        void(raw, version=chance.random() < 0.4, id_=f"void-{place}")
        for place, raw in enumerate(chance.sample(voidable, k=min(len(voidable), max(2, size // 8))))
    ]
    other = deepcopy(chance.choice(voids))
    other["data"]["reason"] = "另一理由"
    if chance.random() < 0.5:
        voids.append(other)
    raws += voids
    raws += [raw for raw in raws if chance.random() < 0.15]
    raws += [raw | {"correlationid": chance.choice(RECEIPTS)} for raw in raws if chance.random() < 0.05]
    chance.shuffle(raws)
    if chance.random() < 0.5:
        # As it mostly is: roughly in order of the months, late only here and there.
        raws.sort(key=lambda raw: _month(raw) if chance.random() < 0.8 else chance.choice(MONTHS))
    # Some that change what neighbours said come last, one by one, when all else is settled.
    late = [raw for raw in raws if raw["type"].split(".")[2] in _LATE and chance.random() < 0.4][:8]
    raws = [raw for raw in raws if not any(raw is other for other in late)]
    batches: list[list[Raw]] = []
    while raws:
        size = chance.choice((1, 2, 5, 20))
        batches.append(raws[:size])
        raws = raws[size:]
    batches += [[raw] for raw in late]
    return History(batches, len(late), _contents([raw for batch in batches for raw in batch]))


def _month(raw: Raw) -> str:
    data = raw["data"]
    return str(data.get("month") or data.get("from_month") or data.get("died_on") or raw["time"])[:7]


def _enrolled(chance: random.Random, number: int) -> Raw:
    names = chance.sample(PEOPLE, k=chance.randint(1, 3))
    members = [
        {"person": person_of(name), "relation": "成员"}
        | ({"entitlement_fen": chance.choice((9000, 11000))} if chance.random() < 0.4 else {})
        for name in names
    ]
    return enrolled(
        chance.choice(HOUSEHOLDS),
        *names,
        from_month=chance.choice(MONTHS[:4]),
        fen=chance.choice((20000, 30001)),
        id_=f"enrolled-{number}",
        members=members,
        programme=chance.choice(PROGRAMMES),
        division=chance.choice(("500102008202", "500102008203")),
        decided_on=f"2020-12-{chance.randint(1, 28):02d}",
    )


def _members_changed(chance: random.Random, number: int) -> Raw:
    names = chance.sample(PEOPLE, k=2)
    adds = chance.random() < 0.6
    removes = not adds or chance.random() < 0.5
    return fact(
        "enrollment.members_changed",
        f"changed-{number}",
        f"2021-0{chance.randint(1, 6)}-03T00:30:00+08:00",
        household_no=chance.choice(HOUSEHOLDS),
        programme=chance.choice(PROGRAMMES),
        from_month=chance.choice(MONTHS),
        added=[{"person": person_of(names[0]), "relation": "成员"}] if adds else [],
        removed=[{"person": person_of(names[1]), "reason": "迁出"}] if removes else [],
        **({"entitlement_fen": 15000} if chance.random() < 0.5 else {}),
    )


def _adjusted(chance: random.Random, number: int) -> Raw:
    components = [{"person": person_of(chance.choice(PEOPLE)), "entitlement_fen": 8000}]
    more: dict[str, Any] = {"components": components} if chance.random() < 0.4 else {}
    return fact(
        "enrollment.entitlement_adjusted",
        f"adjusted-{number}",
        household_no=chance.choice(HOUSEHOLDS),
        programme=chance.choice(PROGRAMMES),
        from_month=chance.choice(MONTHS),
        entitlement_fen=chance.choice((10000, 40000)),
        reason="提标",
        **more,
    )


def _exited(chance: random.Random, number: int) -> Raw:
    names = chance.sample(PEOPLE, k=chance.choice((0, 0, 1, 2)))
    return exited(
        chance.choice(HOUSEHOLDS),
        chance.choice(MONTHS),
        *names,
        id_=f"exited-{number}",
        programme=chance.choice(PROGRAMMES),
    )


def _paid(chance: random.Random, number: int) -> Raw:
    month = chance.choice(MONTHS)
    return paid(
        chance.choice(HOUSEHOLDS),
        month,
        chance.choice((*PEOPLE, "王　五", "养老院")),
        chance.choice((10000, 20000, 30001, 60000)),
        no=f"P{number}",
        number=chance.choice(NUMBERS),
        institution=chance.random() < 0.15,
        kind=chance.choice(("regular", "regular", "regular", "arrears", "one_off")),
        programme=chance.choice(PROGRAMMES),
        paid_on=f"{chance.choice(MONTHS)}-{chance.choice((5, 25)):02d}",
    )


def _returned(chance: random.Random, number: int) -> Raw:
    # Its household may well be another than the payment's: the payment's number is what counts.
    raw = returned(
        f"P{chance.randint(2, 30)}", chance.choice(HOUSEHOLDS), chance.choice(MONTHS), chance.choice(PEOPLE)
    )
    return raw | {"id": f"returned-{number}"}


def _died(chance: random.Random, number: int) -> Raw:
    return died(
        chance.choice(PEOPLE),
        f"{chance.choice(('2020-12', *MONTHS[:4]))}-{chance.randint(1, 28):02d}",
        id_=f"died-{number}",
    )


def _granted(chance: random.Random, number: int) -> Raw:
    first, last = sorted(chance.sample(range(1, 7), k=2))
    return granted(
        chance.choice(CUSTODIES),
        chance.choice(HOUSEHOLDS),
        chance.choice(PEOPLE),
        chance.choice(PEOPLE),
        id_=f"granted-{number}",
        account_number=chance.choice(NUMBERS),
        agreement_no=chance.choice((None, "协1", "协1")),
        filed_on=chance.choice((None, "2021-01-01", "2021-01-01")),
        valid_from=f"2021-0{first}-01",
        valid_to=f"2021-0{last}-15",
    )


def _custody_ended(chance: random.Random, number: int) -> Raw:
    raw = custody_ended(chance.choice(CUSTODIES), chance.choice(HOUSEHOLDS), f"{chance.choice(MONTHS)}-10")
    return raw | {"id": f"ended-{number}"}


def _adopted(chance: random.Random, number: int) -> Raw:
    scope = chance.choice(
        (
            {},
            {"programme": "rural_dibao"},
            {"division_prefix": "500102008"},
            {"division_prefix": "500102008203"},
        )
    )
    from_ = f"{chance.choice(MONTHS)}-{chance.choice((1, 15)):02d}"
    if chance.random() < 0.5:
        return adopted("death.grace_months", chance.choice((0, 1, 6)), from_, f"policy-{number}", **scope)
    return adopted("large_payment.multiple", chance.choice((1.5, 2, 0.5)), from_, f"policy-{number}", **scope)


def _closed(chance: random.Random, number: int) -> Raw:
    return day_closed(f"2021-{chance.randint(1, 8):02d}-{chance.randint(1, 28):02d}")


_LATE = (
    "returned",
    "ended",
    "died",
    "enrolled",
    "members_changed",
    "exited",
    "voided",
    "adopted",
    "day_closed",
)

_Make = Callable[[random.Random, int], Raw]
_TABLE: tuple[tuple[_Make, int], ...] = (
    (_paid, 36),
    (_enrolled, 10),
    (_members_changed, 8),
    (_adjusted, 4),
    (_exited, 6),
    (_returned, 4),
    (_died, 8),
    (_granted, 6),
    (_custody_ended, 2),
    (_adopted, 4),
    (_closed, 4),
)
_KINDS = [make for make, _ in _TABLE]
_WEIGHTS = [weight for _, weight in _TABLE]


def _conflicts(chance: random.Random, raws: list[Raw], count: int) -> list[Raw]:
    found = []
    for raw in chance.sample(raws, k=min(count, len(raws))):
        same_type = [other for other in raws if other["type"] == raw["type"] and other is not raw]
        if ".day_closed." in raw["type"] or not same_type:
            continue
        other = deepcopy(chance.choice(same_type))
        other["id"] = raw["id"]
        found.append(other)
    return found


def _content(raw: Raw) -> Raw:
    return {name: value for name, value in raw.items() if name not in ("correlationid", "sourcearea")}


def _contents(raws: list[Raw]) -> Counter[str]:
    """Return how often each of the things that a history should have is in it."""
    contains: Counter[str] = Counter()
    first: dict[tuple[str, str], Raw] = {}
    voided: set[tuple[str, str]] = set()
    households_paid: set[str] = set()
    returned_numbers: set[str] = set()
    numbers: dict[str, tuple[str, str]] = {}
    for raw in raws:
        contains["out of its area"] += raw.get("sourcearea") == AREAS[0]
        name, data, type_ = (raw["source"], raw["id"]), raw["data"], raw["type"].removeprefix("dibao.")
        earlier = first.get(name)
        if earlier is None:
            first[name] = raw
        else:
            same = _content(earlier) == _content(raw)
            contains["repeat"] += same
            contains["another receipt"] += same and earlier.get("correlationid") != raw.get("correlationid")
            contains["conflict"] += not same
            contains["conflict of households"] += earlier["data"].get("household_no") != data.get(
                "household_no"
            )
            contains["void with two contents"] += not same and ".voided." in type_
        contains["void before fact"] += name in voided
        contains["late death"] += type_ == "vitals.died.v1" and bool(households_paid)
        contains["membership change"] += type_ == "enrollment.members_changed.v1"
        contains["policy change"] += type_ == "policy.adopted.v1"
        contains["policy voided"] += type_ == "policy.voided.v1"
        contains["day close"] += type_ == "calendar.day_closed.v1"
        if ".voided." in type_:
            voided.add((data["source"], data["id"]))
            contains["void of a version"] += "digest" in data
        if type_ == "payments.paid.v1":
            households_paid.add(data["household_no"])
            used = numbers.setdefault(data["payment_no"], name)
            contains["number used twice"] += used != name
            contains["return before payment"] += data["payment_no"] in returned_numbers
        if type_ == "payments.returned.v1":
            returned_numbers.add(data["payment_no"])
    return contains
