"""Where our own code fails at one fact, the facts beside it go in, and nobody reads a value in the log."""

import json
import logging
from typing import Any

import pytest

from services.intake import entries, envelope
from services.intake.dead_letters import list_letters
from services.intake.rows import Entry
from services.platform.protection import Prepared, Protector, ReadableFact
from tests.operator import OPERATOR_KEY
from tests.services.intake.conftest import OpenIntake, client, read
from tests.services.intake.handing_over import consume_until, hand_over, lines
from tests.services.intake.uploads import DEATHS, DIED, csv_bytes, upload, with_cells
from tests.services.platform.golden import facts_of

EXPECTED = "dibao to be mended: it failed at this (KeyError)"


@pytest.fixture(params=["reading", "preparing"])
def broken(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The id of a fact at which our code fails, with an error that repeats a name."""
    serial: str = facts_of("payments")[1]["id"]
    if request.param == "reading":
        real = envelope.build_fact

        def build(stated: envelope.Envelope, *parts: Any, **named: Any) -> Any:
            if stated.id == serial:
                raise KeyError("牟定国")
            return real(stated, *parts, **named)

        monkeypatch.setattr(envelope, "build_fact", build)
    else:
        prepare = Protector.prepare

        def prepared(self: Protector, fact: ReadableFact) -> Prepared:
            if fact.serial == serial:
                raise KeyError("牟定国")
            return prepare(self, fact)

        monkeypatch.setattr(Protector, "prepare", prepared)
    return serial


async def test_over_http_that_item_is_refused(
    open_context: OpenIntake, broken: str, caplog: pytest.LogCaptureFixture
) -> None:
    intake = await open_context("payments")
    stated = facts_of("payments")[:3]
    with caplog.at_level(logging.ERROR):
        async with client(intake) as http:
            items = (await http.post("/events", json=stated)).json()["items"]
    assert [item["status"] for item in items] == ["accepted", "rejected", "accepted"]
    assert [(error["field"], error["expected"]) for error in items[1]["errors"]] == [("event", EXPECTED)]
    assert len(await read(intake.settings)) == 2
    assert "KeyError" in caplog.text
    assert "牟定国" not in caplog.text


async def test_over_kafka_it_is_a_dead_letter_and_the_context_goes_on(
    open_context: OpenIntake, broken: str
) -> None:
    intake = await open_context("payments")
    stated = facts_of("payments")[:3]
    await hand_over(intake.settings, "payments", OPERATOR_KEY, *lines(stated))
    await consume_until(intake, 2)
    (letter,) = await list_letters(intake.settings, intake.pool)
    assert EXPECTED in json.dumps(letter, default=str, ensure_ascii=False)


async def test_of_a_file_that_row_is_refused(
    open_context: OpenIntake, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = entries.Statements._fact

    def fact(self: entries.Statements, entry: Entry) -> Any:
        if entry.serial == "D2":
            raise KeyError("牟定国")
        return real(self, entry)

    monkeypatch.setattr(entries.Statements, "_fact", fact)
    table = [DEATHS, *(with_cells(DIED, DEATHS, 流水号=serial) for serial in ("D1", "D2", "D3"))]
    body = (await upload(await open_context("vitals"), "a.csv", csv_bytes(table))).json()
    assert (body["accepted"], body["rejected"]) == (2, 1)
    (reject,) = body["rejects"]
    assert (reject["row"], reject["column"], reject["masked"]) == (3, "整行", "")
    assert (reject["code"], reject["expected"]) == ("fault-of-ours", EXPECTED)
