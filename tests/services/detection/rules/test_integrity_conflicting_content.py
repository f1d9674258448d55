"""integrity-conflicting-content: given what was stated under one id, and voids, does more than one stand?"""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from events.envelope import event_id_of
from tests.services.detection.cases_of_integrity import otherwise, receipt, receipted
from tests.services.detection.upstream import Raw, digest_of, paid, void
from tests.services.detection.worker import Worker, finding_of

RULE = "integrity-conflicting-content"
ONE = receipted(paid("H", "2021-03", "甲"), 1)
TWO = receipted(otherwise(ONE, amount_fen=20000), 2)
THREE = otherwise(paid("H", "2021-03", "甲"), amount_fen=10000)
FOUND = "select * from finding where rule = $1 and state = 'open'"
SURVEY = {
    "survey_no": "DC1",
    "title": "群众满意度调查",
    "surveyor": "第三方",
    "frame": 1200,
    "sample": 60,
    "seed": 7,
    "designed_on": "2021-03-01",
    "questions": [{"question_no": "1", "wording": "是否满意"}],
}
NOT_ONE, NOT_TWO = void(ONE, version=True), void(TWO, version=True)


def void_of_void(raw: Raw, digest: str | None = None) -> Raw:
    """Nothing has such a type, but the type of a void only informs: it names its fact by source and id."""
    data = {"source": raw["source"], "id": raw["id"]} | ({} if digest is None else {"digest": digest})
    return otherwise(void(ONE, id_="void-of-void"), **data)


async def params(prepared: str, *batches: list[Raw]) -> dict[str, Any] | None:
    return await finding_of(RULE, prepared, *batches)


def contents(*versions: tuple[Raw, int | None]) -> dict[str, Any]:
    stated = sorted((digest_of(raw), None if number is None else receipt(number)) for raw, number in versions)
    return {
        "source": "/test/payments",
        "id": ONE["id"],
        "digests": [digest for digest, _ in stated],
        "receipts": [of for _, of in stated],
    }


async def test_two_contents_are_found(prepared: str) -> None:
    worker = await Worker.open(prepared)
    try:
        await worker.ingest([ONE])
        assert await worker.connection.fetchrow(FOUND, RULE) is None
        await worker.ingest([TWO])
        row = await worker.connection.fetchrow(FOUND, RULE)
    finally:
        await worker.close()
    event_id = str(event_id_of(ONE["source"], ONE["id"]))
    assert (row["severity"], row["key"], row["params"]) == (
        "high",
        {"event_id": event_id},
        contents((ONE, 1), (TWO, 2)),
    )
    assert (row["subject"], row["evidence"]) == (f"identifier:{event_id}", [event_id])


@pytest.mark.parametrize(
    "batches", [[[TWO], [ONE]], [[ONE, TWO]], [[ONE], [ONE, TWO, ONE]]], ids=["other order", "one", "repeats"]
)
async def test_nor_do_batches_matter(prepared: str, batches: list[list[Raw]]) -> None:
    assert await params(prepared, *batches) == contents((ONE, 1), (TWO, 2))


async def test_a_repeat_is_no_conflict_whatever_receipt_it_came_with(prepared: str) -> None:
    assert await params(prepared, [ONE], [receipted(ONE, 3)], [ONE, paid("H", "2021-03", "甲")]) is None


@pytest.mark.parametrize("order", list(permutations([ONE, receipted(ONE, 3), TWO])))
async def test_of_several_receipts_of_a_content_the_first_is_named(
    prepared: str, order: tuple[Raw, ...]
) -> None:
    assert await params(prepared, *([one] for one in order)) == contents((ONE, 1), (TWO, 2))


@pytest.mark.parametrize("order", list(permutations([ONE, TWO, NOT_ONE])))
async def test_a_void_of_one_of_two_ends_it_also_where_it_came_first(
    prepared: str, order: tuple[Raw, ...]
) -> None:
    assert await params(prepared, *([one] for one in order)) is None


async def test_a_void_of_all_contents_ends_it(prepared: str) -> None:
    assert await params(prepared, [ONE, TWO], [void(ONE)]) is None


async def test_of_three_contents_two_must_be_voided(prepared: str) -> None:
    assert await params(prepared, [ONE], [TWO], [THREE]) == contents((ONE, 1), (TWO, 2), (THREE, None))
    assert await params(prepared, [ONE], [TWO], [THREE], [NOT_ONE]) == contents((TWO, 2), (THREE, None))
    assert await params(prepared, [ONE], [TWO], [THREE], [NOT_ONE], [NOT_TWO]) is None


async def test_a_void_with_two_contents_is_one_itself_and_undoes_nothing(prepared: str) -> None:
    other = otherwise(NOT_ONE, reason="另一理由")
    worker = await Worker.open(prepared)
    try:
        await worker.ingest([ONE, TWO, NOT_ONE])
        await worker.ingest([other])
        rows = await worker.connection.fetch(FOUND, RULE)
        assert {row["params"]["id"] for row in rows} == {ONE["id"], NOT_ONE["id"]}
        # The alert about the void ends with one of its contents; it undoes nothing all the same.
        await worker.ingest([void_of_void(other, digest_of(other))])
        rows = await worker.connection.fetch(FOUND, RULE)
        assert {row["params"]["id"] for row in rows} == {ONE["id"]}
    finally:
        await worker.close()


async def test_a_void_of_a_void_gives_nothing_back(prepared: str) -> None:
    assert await params(prepared, [ONE, TWO, NOT_ONE], [void_of_void(NOT_ONE)]) is None


async def test_a_conflict_that_was_ended_is_one_again_with_a_third_content(prepared: str) -> None:
    assert await params(prepared, [ONE, TWO, NOT_ONE], [THREE]) == contents((TWO, 2), (THREE, None))


async def test_facts_that_no_other_rule_reads_conflict_too(prepared: str) -> None:
    stated = {**ONE, "type": "dibao.survey.designed.v1", "data": SURVEY}
    other = {**stated, "data": SURVEY | {"title": "其他"}}
    found = await params(prepared, [stated], [other])
    assert found is not None
    assert len(found["digests"]) == 2
