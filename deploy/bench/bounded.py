"""Subjects that grow without end: what a fact of theirs costs detection, when there are few and when many."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from itertools import islice
from typing import Any

from deploy.bench import detection, intake
from deploy.bench.facts import Fact, Facts
from deploy.bench.ground import Ground
from deploy.bench.measure import Measure
from events.envelope import event_id_of
from events.id_numbers import id_check_digit
from services.simulator.facts import line

_CLOSED = date(2021, 12, 31)
_MONTHS = tuple(f"{year}-{month:02d}" for year in (2018, 2019, 2020, 2021) for month in range(1, 13))
_DIVISION = "500102008003"
_HOLDER = "金和义"

Event = dict[str, Any]


def account() -> Iterator[Event]:
    """One account that all payments go to, each household's for four years."""
    number = 0
    while True:
        household = f"H{number}"
        yield _enrolled(household, number)
        for month in _MONTHS:
            yield _paid(household, month, "6217000000007922")
        number += 1


def custodian() -> Iterator[Event]:
    """One person who holds the cards of all."""
    number = 0
    while True:
        household = f"H{number}"
        yield _enrolled(household, number)
        yield _event(
            "custody.granted",
            f"C{number}",
            custody_no=f"C{number}",
            household_no=household,
            beneficiary=_person(number),
            custodian=_person(99_999_999),
            custodian_kind="village_official",
            account_number=_account(number),
            agreement_no=f"协议{number}",
            filed_on="2021-03-01",
            valid_from="2021-03-01",
            valid_to="2022-02-28",
            self_care="none",
        )
        number += 1


def closer() -> Iterator[Event]:
    """One official who closes all petitions on one day."""
    number = 0
    while True:
        yield _event(
            "petitions.filed",
            f"P{number}",
            petition_no=f"P{number}",
            petitioner=_person(number),
            division=_DIVISION,
            filed_on="2021-09-01",
            channel="来访",
            kind="complaint",
            matter_code="M03",
            matter="反映代管存折不交还",
        )
        yield _event(
            "petitions.closed",
            f"PC{number}",
            petition_no=f"P{number}",
            closed_on="2021-10-08",
            outcome="settled",
            evidence="交接记录",
            closed_by="GZ0003",
            confirmed_by="GZ0001",
        )
        number += 1


def batch() -> Iterator[Event]:
    """One batch that all payments are in, each household's for four years."""
    yield _event(
        "funds.batch_submitted",
        "BATCH-1",
        batch_no="BATCH-1",
        programme="rural_dibao",
        month="2021-06",
        bank="邮储银行",
        decided_on="2021-06-15",
        entered_on="2021-06-20",
        audited_on="2021-06-24",
        to_finance_on="2021-06-24",
        to_bank_on="2021-06-26",
        household_count=1,
        person_count=1,
        amount_fen=54000,
    )
    number = 0
    while True:
        household = f"H{number}"
        yield _enrolled(household, number)
        for month in _MONTHS:
            yield _paid(household, month, _account(number), batch_no="BATCH-1")
        number += 1


def household() -> Iterator[Event]:
    """One household that is enrolled and exits again and again, over the same four years."""
    number = 0
    while True:
        month = _MONTHS[number % len(_MONTHS)]
        yield _enrolled("H1", 1, id_=f"E{number}", from_month=month, decided_on=f"{month}-01")
        yield _event(
            "enrollment.exited",
            f"X{number}",
            household_no="H1",
            programme="rural_dibao",
            scope="household",
            exit_kind="other",
            stop_month=month,
            decided_on=f"{month}-20",
        )
        number += 1


SUBJECTS: tuple[tuple[str, Callable[[], Iterator[Event]], float], ...] = (
    ("one account", account, 1.0),
    ("one custodian", custodian, 0.1),
    ("one closer of petitions", closer, 0.2),
    ("one batch", batch, 1.0),
    ("one household's spells", household, 0.01),
)
"""What grows, and to which part of the facts that were asked for."""

_FEW = 10
"""The first measurement is of so many times fewer facts."""


async def measured(ground: Ground, count: int, say: Callable[[Measure], None]) -> None:
    """Measure live detection on each of them, first with a tenth of the facts; say each."""
    for what, make, part in SUBJECTS:
        few = None
        for size in (int(count * part) // _FEW, int(count * part)):
            facts = [_fact(event) for event in islice(make(), size)]
            site = await ground.site(f"bounded-{make.__name__}-{size}")
            closed = await detection.with_day_closed(site, _CLOSED)
            await intake.over_http(ground, site, Facts(tuple(facts)))
            one, _ = await detection.live(ground, site, Facts((closed, *facts)))
            one = replace(one, stage="bounded", what=f"{what}, {size:,} facts")
            if few is None:
                few = one
            else:
                one = replace(one, ratio=round(one.rate / few.rate, 2), against=f"with {few.facts:,}")
            say(one)


def _fact(event: Event) -> Fact:
    return Fact(event["type"], event_id_of(event["source"], event["id"]), line(event))


def _event(type_: str, id_: str, **data: Any) -> Event:
    return {
        "specversion": "1.0",
        "id": id_,
        "source": f"/bench/{type_.partition('.')[0]}",
        "type": f"dibao.{type_}.v1",
        "time": "2021-10-08T09:00:00+08:00",
        "data": data,
    }


def _person(number: int) -> dict[str, str]:
    area, day = divmod(number, 28_000)
    first_17 = f"{500100 + area % 100:06d}1950{area // 100 % 12 + 1:02d}{day // 1000 + 1:02d}{day % 1000:03d}"
    return {"name": _HOLDER, "id_number": first_17 + id_check_digit(first_17)}


def _account(number: int) -> str:
    return f"6217{number:012d}"


def _enrolled(household_no: str, number: int, id_: str | None = None, **more: Any) -> Event:
    data: dict[str, Any] = {
        "household_no": household_no,
        "programme": "rural_dibao",
        "division": _DIVISION,
        "members": [{"person": _person(number), "relation": "本人"}],
        "account": {"number": _account(number), "holder_name": _HOLDER},
        "from_month": "2018-01",
        "entitlement_fen": 54000,
        "route": "ordinary",
        "decided_on": "2017-12-20",
    }
    return _event("enrollment.enrolled", id_ or f"E-{household_no}", **(data | more))


def _paid(household_no: str, month: str, account: str, **more: Any) -> Event:
    number = f"P-{household_no}-{month}"
    data: dict[str, Any] = {
        "payment_no": number,
        "household_no": household_no,
        "programme": "rural_dibao",
        "month": month,
        "paid_on": f"{month}-25",
        "amount_fen": 54000,
        "kind": "regular",
        "account": {"number": account, "holder_name": _HOLDER},
        "batch_no": f"B{month}-{household_no}",
    }
    return _event("payments.paid", number, **(data | more))
