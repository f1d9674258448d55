"""The file of a prepared replay answers as PostgreSQL does, and leaves out what is never read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from services.detection import prepared
from services.detection.facts.fact import kind_of
from services.detection.facts.payments import PaidTo, Returned
from services.detection.prepared import Prepared, prepare
from services.detection.reading import Rows, Stored
from tests.services.detection.upstream import died, enrolled, paid, returned, void
from tests.services.detection.worker import Worker


@pytest.fixture
async def rows(database: str, tmp_path: Path) -> Any:
    """Both sources of a small village: the file and PostgreSQL, with the name of its one account."""
    worker = await Worker.open(database)
    await worker.ingest(
        [
            enrolled("H1", "甲"),
            died("甲", "2021-02-01"),
            *(paid("H1", f"2021-{month:02d}", "甲", no=f"P{month}") for month in range(1, 5)),
            paid("H2", "2021-03", "甲", no="P9"),
            paid("H2", "2021-03", "甲", no="P10", kind="one_off"),
            returned("P9", "H2", "2021-03", "甲"),
            void(paid("H1", "2021-04", "甲", no="P4")),
        ]
    )
    account = await worker.connection.fetchval("select min(subject) from fact where kind = 'paid_to'")
    async with worker.connection.transaction():
        await prepare(worker.connection, tmp_path / "facts.sqlite")
    file = Prepared(tmp_path / "facts.sqlite")
    yield file, Stored(worker.connection), account
    file.close()
    await worker.close()


def facts(found: list[tuple[str, str, str]]) -> list[str]:
    """What was found, in an order that does not hang on how texts were joined."""
    return sorted(part for _, _, joined in found for part in joined.replace("],[", "]\n[").split("\n"))


async def test_both_sources_answer_alike(rows: Any) -> None:
    file, stored, account = rows
    sources: tuple[Rows, Rows] = (file, stored)
    for subjects, months in ((["household:H1"] * 2, ["", "2021-02"]), (["household:H9"], [""])):
        one, other = [facts(await source.of_months(subjects, months)) for source in sources]
        assert one == other
    one, other = [
        facts(await source.since(["household:H1", account], ["2021-02", "0"])) for source in sources
    ]
    # The payments that no rule on accounts counts are not even in the file.
    assert one == [text for text in other if "paid_to_exempt" not in text] and len(one) == 6
    kind = kind_of(PaidTo)
    for source in sources:
        months_of = sorted(set(await source.months([account], ["2021-02"], kind)))
        assert {month for _, month in months_of} >= {"2021-02", "2021-03"}
        limited = await source.between([account] * 2, ["2021-02", "2021-03"], kind, 1, 1)
        assert [(month, body is None) for _, month, body in sorted(limited)] == [
            ("2021-02", False),
            ("2021-03", True),
        ]
        several = await source.between([account] * 2, ["2021-02", "2021-03"], kind, 2, 9)
        assert [month for _, month, _ in several] == ["2021-03"]
        beside = await source.neighbours(["payment:P9", "payment:P1"], [kind_of(Returned)])
        assert beside.keys() == {"payment:P9"}


async def test_ranges_have_every_subject_once(rows: Any) -> None:
    file, _, _ = rows
    kinds = ("household", "account", "person")
    names = [name for first, end, _ in file.ranges(kinds, 1) for name in file.take(first, end)]
    assert len(names) == len(set(names)) == file.count_of(kinds) == 4
    assert file.has("household:H2") and not file.has("household:H9")


async def test_a_range_ends_where_its_facts_would_be_too_many(
    rows: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, _, _ = rows
    many = [count for _, _, count in file.ranges(("household",), 250)]
    monkeypatch.setattr(prepared, "_RANGE_FACTS", 3)
    few = [count for _, _, count in file.ranges(("household",), 250)]
    assert (many, few) == ([2], [1, 1])


async def test_what_is_too_much_to_be_read_is_not_copied(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "> 5000" in prepared._COPY
    monkeypatch.setattr(prepared, "_COPY", prepared._COPY.replace("> 5000", "> 2"))
    worker = await Worker.open(database)
    try:
        await worker.ingest([paid(f"H{n}", month, "甲", no=f"P{n}") for n, month in enumerate(MONTHS)])
        async with worker.connection.transaction():
            await prepare(worker.connection, tmp_path / "facts.sqlite")
        account = await worker.connection.fetchval("select min(subject) from fact where kind = 'paid_to'")
    finally:
        await worker.close()
    file = Prepared(tmp_path / "facts.sqlite")
    found = await file.between([account] * 2, ["2021-03", "2021-04"], kind_of(PaidTo), 1, 9)
    assert [(month, body is None) for _, month, body in found] == [("2021-03", False), ("2021-04", True)]
    assert file.take("account:", "account;") == [account]
    file.close()


MONTHS = ("2021-03", "2021-03", "2021-04", "2021-04", "2021-04")
