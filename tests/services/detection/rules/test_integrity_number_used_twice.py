"""integrity-number-used-twice: given the facts that count, do several of one type state one number?"""

from __future__ import annotations

import asyncio
from itertools import permutations
from typing import Any

import pytest

from events.catalogue import TYPES
from events.envelope import event_id_of
from tests.oracle.integrity import UNIQUE
from tests.services.detection.cases_of_integrity import otherwise, receipt, receipted
from tests.services.detection.cases_of_screening import listed
from tests.services.detection.upstream import Raw, enrolled, fact, paid, void
from tests.services.detection.worker import Worker, finding_of

RULE = "integrity-number-used-twice"
ONE = receipted(paid("H", "2021-03", "甲", no="P1", id_="one"), 1)
TWO = paid("H2", "2021-04", "乙", no="P1", id_="two")
OTHER = paid("H", "2021-05", "甲", no="P2", id_="other")


async def params(prepared: str, *batches: list[Raw]) -> dict[str, Any] | None:
    return await finding_of(RULE, prepared, *batches)


def using(*facts: Raw) -> dict[str, Any]:
    stated = sorted((str(event_id_of(one["source"], one["id"])), one.get("correlationid")) for one in facts)
    return {"events": [event for event, _ in stated], "receipts": [of for _, of in stated]}


@pytest.mark.parametrize("batches", [[[ONE, OTHER, TWO]], [[ONE, OTHER], [TWO]], [[TWO], [ONE], [TWO, ONE]]])
async def test_two_ids_with_one_number_are_found_in_any_batches(
    prepared: str, batches: list[list[Raw]]
) -> None:
    assert await params(prepared, *batches) == using(ONE, TWO)


async def test_what_it_says(prepared: str) -> None:
    worker = await Worker.open(prepared)
    try:
        await worker.ingest([ONE, TWO])
        row = await worker.connection.fetchrow("select * from finding where rule = $1", RULE)
    finally:
        await worker.close()
    assert (row["severity"], row["key"]) == ("high", {"kind": "payment_no", "number": "P1"})
    assert (row["evidence"], row["evidence_count"]) == (row["params"]["events"], 2)


async def test_numbers_that_are_stated_once_leave_no_rows(prepared: str) -> None:
    worker = await Worker.open(prepared)
    try:
        await worker.ingest([ONE, OTHER, ONE])
        kept = "select count(*) from fact where subject like 'business_number:%'"
        assert await worker.connection.fetchval(kept) == 0
    finally:
        await worker.close()


async def test_the_same_fact_again_uses_its_number_once(prepared: str) -> None:
    assert await params(prepared, [ONE, ONE], [ONE], [receipted(ONE, 2)]) is None


@pytest.mark.parametrize("order", list(permutations([ONE, TWO, void(ONE)])))
async def test_of_two_one_is_voided(prepared: str, order: tuple[Raw, ...]) -> None:
    assert await params(prepared, *([one] for one in order)) is None


async def test_of_three_one_is_voided(prepared: str) -> None:
    three = receipted(paid("H", "2021-06", "甲", no="P1", id_="three"), 3)
    assert await params(prepared, [ONE], [TWO], [three], [void(TWO)]) == using(ONE, three)


async def test_who_stated_it_first_may_be_void_when_the_second_and_third_come(prepared: str) -> None:
    three = paid("H", "2021-06", "甲", no="P1", id_="three")
    assert await params(prepared, [ONE, void(ONE)], [TWO], [three]) == using(TWO, three)


async def test_a_fact_with_two_contents_does_not_count(prepared: str) -> None:
    other = otherwise(ONE, amount_fen=1)
    assert await params(prepared, [ONE, TWO], [other]) is None
    assert await params(prepared, [ONE, other], [TWO], [void(other, version=True)]) == using(ONE, TWO)


async def test_the_content_that_counts_is_the_one_whose_number_is_used(prepared: str) -> None:
    other = otherwise(ONE, payment_no="P9")
    assert await params(prepared, [ONE, TWO], [other, void(ONE, version=True)]) is None
    nine = paid("H", "2021-06", "甲", no="P9", id_="nine")
    assert await params(prepared, [ONE, other], [void(ONE, version=True)], [nine]) == {
        **using(ONE, nine),
        "receipts": using(otherwise(other), nine)["receipts"],
    }


async def test_another_receipt_is_added_later(prepared: str) -> None:
    assert await params(prepared, [ONE, TWO], [receipted(TWO, 7)]) == using(ONE, receipted(TWO, 7))
    assert receipt(7) in (using(ONE, receipted(TWO, 7)))["receipts"]


async def test_a_number_of_several_fields(prepared: str) -> None:
    """Of a household one fact begins a spell of a programme in a month."""
    again = enrolled("H", "甲", id_="again")
    other = enrolled("H", "甲", from_month="2021-09")
    assert await params(prepared, [enrolled("H", "甲"), other]) is None
    assert await params(prepared, [enrolled("H", "甲"), other], [again]) == using(enrolled("H", "甲"), again)


async def test_one_number_may_be_that_of_facts_of_two_types(prepared: str) -> None:
    checked = fact(
        "screening.household_checked",
        "checked",
        screening_no="S1",
        household_no="H",
        programme="rural_dibao",
        person_count=1,
        entitlement_fen=30000,
        checked_on="2021-03-05",
        comparison="consistent",
        conclusion="eligible",
    )
    assert await params(prepared, [listed(), checked]) is None
    assert await params(prepared, [listed(), checked], [listed(id_="again")]) == using(
        listed(), listed(id_="again")
    )


async def test_of_two_workers_at_once_the_second_waits_and_sees_the_first(prepared: str) -> None:
    first, second = [await Worker.open(prepared) for _ in range(2)]
    try:
        async with first.connection.transaction():
            await first.ingest([ONE])
            waiting = asyncio.create_task(second.ingest([OTHER, TWO]))
            done, _ = await asyncio.wait([waiting], timeout=0.5)
            assert not done
        await waiting
        assert [one[0] for one in await second.open_findings() if one[0] == RULE] == [RULE]
    finally:
        for worker in (first, second):
            await worker.close()


async def test_who_states_one_number_for_everything_is_counted_and_not_read(prepared: str) -> None:
    same = [paid("H", "2021-03", "甲", no="P1", id_=f"same-{number}") for number in range(600)]
    worker = await Worker.open(prepared)
    try:
        await worker.ingest(same[:300])
        await worker.ingest(same[300:])
        row = await worker.connection.fetchrow("select * from finding where rule = $1", RULE)
        assert (row["evidence_count"], row["params"]) == (600, {k: v[:50] for k, v in using(*same).items()})
    finally:
        await worker.close()


def test_the_oracle_knows_every_unique_number_of_the_contract() -> None:
    names = {entry.name.removeprefix("dibao.").removesuffix(".v1"): entry.unique for entry in TYPES}
    assert {name: unique for name, unique in names.items() if unique} == UNIQUE
