"""Random histories of a tiny village, in which everything that may go wrong does."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Final

from tests.services.detection.draws import DRAWN, MONTHS, PARAMETERS, adopted_of
from tests.services.detection.upstream import Raw, day_closed, void

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
    "day undone",
    "year arranged",
    "year voided",
    "conflict",
    "conflict of households",
    "repeat",
    "return before payment",
    "number used twice",
    "another receipt",
    "out of its area",
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


@dataclass(frozen=True)
class Scene:
    """What a history is about: types of fact by how often they come, and policy by how its names begin."""

    types: Mapping[str, int]
    policy: tuple[str, ...]


_ALWAYS: Final[Mapping[str, int]] = {
    "enrollment.enrolled": 8,
    "enrollment.members_changed": 6,
    "enrollment.exited": 5,
    "payments.paid": 8,
    "vitals.died": 5,
    "calendar.day_closed": 4,
}

SCENES: Final[Mapping[str, Scene]] = {
    "payments": Scene(
        {
            "payments.paid": 28,
            "enrollment.entitlement_adjusted": 4,
            "payments.returned": 4,
            "payments.recovered": 3,
            "vitals.died": 4,
            "custody.granted": 6,
            "custody.ended": 2,
        },
        ("death.", "large_payment.", "recovery.", "payments."),
    ),
    "cards": Scene(
        {
            "enrollment.enrolled": 6,
            "custody.granted": 16,
            "custody.handed_over": 5,
            "custody.agreement_filed": 3,
            "custody.checked": 4,
            "custody.ended": 2,
            "officials.appointed": 10,
            "officials.left": 3,
            "kinship.declared": 6,
            "kinship.reviewed": 3,
        },
        ("custody.",),
    ),
    "kin": Scene(
        {
            "kinship.declared": 8,
            "kinship.reviewed": 6,
            "officials.appointed": 10,
            "officials.left": 4,
            "enrollment.applied": 5,
            "custody.granted": 5,
            "custody.handed_over": 3,
            "custody.ended": 2,
        },
        ("kinship.",),
    ),
    "applications": Scene(
        {
            "enrollment.applied": 8,
            "enrollment.investigated": 8,
            "enrollment.publicised": 6,
            "enrollment.refused": 5,
            "relief.granted": 4,
            "calendar.year_arranged": 5,
        },
        ("application.",),
    ),
    "benefits": Scene(
        {
            "enrollment.reviewed": 12,
            "enrollment.grace_granted": 8,
            "enrollment.compared": 10,
            "enrollment.exited": 6,
            "identity.household_split": 3,
        },
        ("review.", "grace.", "exit.", "comparison."),
    ),
    "people at risk": Scene(
        {
            "screening.listed": 8,
            "screening.assessed": 6,
            "screening.concluded": 9,
            "policy.issued": 5,
            "enrollment.refused": 4,
            "relief.granted": 4,
            "tekun.dispersed_care_begun": 6,
            "tekun.care_agreement_signed": 4,
            "tekun.admitted": 3,
        },
        ("screening.", "tekun."),
    ),
    "petitions": Scene(
        {
            "petitions.filed": 12,
            "petitions.accepted": 6,
            "petitions.transferred": 5,
            "petitions.answered": 5,
            "petitions.closed": 10,
            "officials.appointed": 6,
        },
        ("petitions.",),
    ),
    "clues": Scene(
        {
            "clues.received": 10,
            "clues.verified": 9,
            "clues.transferred": 5,
            "officials.appointed": 7,
            "officials.left": 4,
            "petitions.filed": 4,
            "relief.granted": 8,
        },
        ("clues.",),
    ),
    "the hotline": Scene(
        {
            "hotline.rostered": 10,
            "hotline.called": 14,
            "hotline.answered": 8,
            "calendar.year_arranged": 5,
        },
        ("hotline.",),
    ),
    "the campaign": Scene(
        {
            "campaign.opened": 4,
            "campaign.task_assigned": 8,
            "campaign.task_reported": 7,
            "campaign.ledger_submitted": 8,
            "campaign.problem_found": 9,
            "campaign.problem_rectified": 9,
            "campaign.problem_rechecked": 6,
        },
        ("campaign.",),
    ),
    "batches": Scene(
        {"funds.batch_submitted": 12, "funds.batch_settled": 12, "payments.paid": 12, "payments.returned": 5},
        ("funds.",),
    ),
}

_WHO_IS_WHO: Final[Mapping[str, int]] = {
    "identity.corrected": 4,
    "identity.households_merged": 3,
    "identity.household_split": 2,
    "identity.household_moved": 4,
}


def history(seed: int, size: int, scene: str = "", last: str = "") -> History:
    """Return a random history of about ``size`` facts, shuffled across all topics.

    ``scene``: the one that it is about, any if empty; ``last``: the context of which facts come late, any.
    """
    chance = random.Random(seed)
    raws = _drawn(chance, size, scene)
    _name_payments(chance, raws)
    for raw in raws:
        if chance.random() < 0.5:
            raw["correlationid"] = chance.choice(RECEIPTS)
        if chance.random() < 0.4 and ".day_closed." not in raw["type"]:
            raw["sourcearea"] = chance.choice(AREAS)
    raws += _conflicts(chance, raws, max(1, size // 12))
    raws += _voids(chance, raws, max(2, size // 8))
    raws += [raw for raw in raws if chance.random() < 0.15]
    raws += [raw | {"correlationid": chance.choice(RECEIPTS)} for raw in raws if chance.random() < 0.05]
    chance.shuffle(raws)
    if chance.random() < 0.5:
        # As it mostly is: roughly in order of the months, late only here and there.
        raws.sort(key=lambda raw: _month(raw) if chance.random() < 0.8 else chance.choice(MONTHS))
    late = _late(chance, raws, last)
    batches: list[list[Raw]] = []
    while raws:
        size = chance.choice((1, 2, 5, 20))
        batches.append(raws[:size])
        raws = raws[size:]
    batches += [[raw] for raw in late]
    return History(batches, len(late), _contents([raw for batch in batches for raw in batch]))


def _drawn(chance: random.Random, size: int, scene: str) -> list[Raw]:
    """Return facts of a village in which households are enrolled, and a thing or two happen beside."""
    named = (scene,) if scene else chance.sample([*SCENES], k=chance.choice((1, 1, 2)))
    scenes = [SCENES[name] for name in named]
    weights: Counter[str] = Counter(_ALWAYS)
    for one in scenes:
        weights.update(one.types)
    if chance.random() < 0.4:
        weights.update(_WHO_IS_WHO)
    beginnings = tuple(name for one in scenes for name in one.policy)
    parameters = [one for one in PARAMETERS if one.name.startswith(beginnings)]
    weights["policy.adopted"] = sum(weights.values()) // 12
    names = chance.choices([*weights], [*weights.values()], k=size - 2)
    return [
        adopted_of(chance, number, chance.choice(parameters))
        if name == "policy.adopted"
        else DRAWN[name](chance, number)
        for number, name in enumerate(["enrollment.enrolled", "enrollment.enrolled", *names])
    ]


def _name_payments(chance: random.Random, raws: list[Raw]) -> None:
    """Let returns name payments that there are, and payments each other's numbers."""
    payments = [raw for raw in raws if raw["type"].startswith("dibao.payments.paid")]
    for raw in raws if payments else ():
        if raw["type"].startswith("dibao.payments.returned"):
            raw["data"]["payment_no"] = chance.choice(payments)["data"]["payment_no"]
    for raw in payments:
        if chance.random() < 0.15:
            raw["data"]["payment_no"] = chance.choice(payments)["data"]["payment_no"]


def _voids(chance: random.Random, raws: list[Raw], count: int) -> list[Raw]:
    chosen = chance.sample(raws, k=min(len(raws), count))
    # What concerns everybody is undone more often than one fact in so many would be.
    chosen += [raw for raw in raws if raw["type"].split(".")[1] in _EVERYBODY and chance.random() < 0.25]
    voids = [
        void(raw, version=chance.random() < 0.4, id_=f"void-{place}") for place, raw in enumerate(chosen)
    ]
    other = deepcopy(chance.choice(voids))
    other["data"]["reason"] = "录入错误"
    return [*voids, other] if chance.random() < 0.5 else voids


_EVERYBODY: Final = ("policy", "calendar", "identity")


def _late(chance: random.Random, raws: list[Raw], context: str) -> list[Raw]:
    """Take some facts away, to come last and one by one; days are closed between them."""
    late = chance.sample(raws, k=len(raws))
    late.sort(key=lambda raw: raw["type"].split(".")[1] != context)
    del late[4:]
    for raw in late:
        raws.remove(raw)
    late.insert(len(late) // 2, day_closed(f"2021-{chance.randint(4, 9):02d}-20"))
    if chance.random() < 0.5:
        last = day_closed("2021-12-31")
        late += [last, void(last)] if chance.random() < 0.3 else [last]
    return late


def _month(raw: Raw) -> str:
    data = raw["data"]
    return str(data.get("month") or data.get("from_month") or data.get("died_on") or raw["time"])[:7]


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
        contains["year arranged"] += type_ == "calendar.year_arranged.v1"
        contains["day undone"] += type_ == "calendar.voided.v1" and "day" in data
        contains["year voided"] += type_ == "calendar.voided.v1" and "year" in data
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
