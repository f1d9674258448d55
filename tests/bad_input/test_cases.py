"""Inputs of real life by every way that applies: the outcome, every sentence, and what the log then has."""

import re
from collections.abc import Sequence
from itertools import groupby
from typing import Any

import pytest

from tests.bad_input.cases.outcomes import (
    FILES,
    FOLDER,
    Case,
    Outcome,
    cases,
    counts_of,
    outcome_of,
    value_of,
)
from tests.bad_input.cases.siblings import BUILT
from tests.bad_input.desk import Desk
from tests.bad_input.sending import CONTENT_TYPES
from tests.bad_input.table import ARRAY, LINES, SINGLE

INDEX = list(cases())
_BOUNDARY = "a-boundary-that-is-in-no-file"


def _series(case: Case) -> str:
    # What begins with one number comes one after the other: 70a, 70b, 70c.
    found = re.match(r"\d+", case.name)
    assert found is not None
    return found[0]


SERIES = {
    number: list(each) for number, each in groupby((case for case in INDEX if not case.tested), _series)
}


def test_the_index_names_every_file_and_every_sibling_once() -> None:
    names = [case.name for case in INDEX]
    assert len(names) == len(set(names))
    there = {path.name for path in FILES.iterdir()} | BUILT.keys()
    assert {case.name for case in INDEX if not case.tested} == there


def test_what_is_sent_by_another_test_names_one_that_there_is() -> None:
    for case in INDEX:
        path, _, name = case.tested.partition("::")
        assert not path or f"def {name}(" in (FOLDER.parents[2] / path).read_text(encoding="utf-8"), case.name


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("series", SERIES.values(), ids=SERIES)
async def test_each_becomes_what_the_index_says(desk: Desk, series: Sequence[Case]) -> None:
    """Handed over first as the bytes of a file, then by the other ways, where all of it is a repeat."""
    await desk.begin()
    facts = 0
    for case in series:
        content = BUILT[case.name]() if case.name in BUILT else (FILES / case.name).read_bytes()
        answer = await _raw(desk, case, content)
        outcome = outcome_of(answer)
        desk.hold(case.name, outcome.line, case.outcome.line)
        facts += answer.get("receipt", answer).get("facts", 0)
        found = await desk.arrived(facts)
        for key, path, value in case.log:
            desk.hold(f"{case.name}: {key} {path}", value_of(found, key, path), value)
        again = outcome_of(await _in_a_form(desk, case, content))
        desk.hold(f"{case.name}, in a form", again.line, outcome.again.line)
        if case.name.endswith(".ndjson"):
            await _as_events(desk, case, content, outcome)
        await desk.arrived(facts)
    assert not desk.wrong, "\n".join(desk.wrong)


async def _raw(desk: Desk, case: Case, content: bytes) -> dict[str, Any]:
    path = f"/files?name={case.name}&source={desk.source('office')}"
    answer = await desk.post(case.context, path, content, {"Content-Type": "application/octet-stream"})
    return dict(answer.json())


async def _in_a_form(desk: Desk, case: Case, content: bytes) -> dict[str, Any]:
    fields = (
        (f'name="file"; filename="{case.name}"', content),
        ('name="source"', desk.source("office").encode()),
    )
    parts = (
        f"--{_BOUNDARY}\r\nContent-Disposition: form-data; {name}\r\n\r\n".encode() + value + b"\r\n"
        for name, value in fields
    )
    body = b"".join(parts) + f"--{_BOUNDARY}--\r\n".encode()
    headers = {"Content-Type": f"multipart/form-data; boundary={_BOUNDARY}"}
    return dict((await desk.post(case.context, "/files", body, headers)).json())


async def _as_events(desk: Desk, case: Case, content: bytes, outcome: Outcome) -> None:
    lines = [line for line in content.split(b"\n") if line.strip()]
    for way, body in ((LINES, content), (ARRAY, b"[" + b",".join(lines) + b"]")):
        answer = await desk.post(case.context, "/events", body, {"Content-Type": CONTENT_TYPES[way]})
        found = answer.json()
        if "items" not in found:
            # An array is JSON as a whole or not at all.
            assert outcome.refused or (way is ARRAY and found["errors"][0]["code"] == "array-expected")
            continue
        desk.hold(f"{case.name}, {way}", counts_of(found["receipt"]), outcome.again.counts)
        errors = [error["code"] for item in found["items"] for error in item.get("errors", ())]
        desk.hold(f"{case.name}, {way}", errors, outcome.codes("reject"))
    rejected = 0
    for line in lines:
        answer = await desk.post(case.context, "/events", line, {"Content-Type": CONTENT_TYPES[SINGLE]})
        rejected += answer.status_code == 422
        assert answer.status_code in (202, 422), (case.name, answer.text)
    await desk.hand_over(case.context, *(("office", line) for line in lines))
    letters = await desk.letters(rejected)
    assert {dict(letter.headers)["error"] for letter in letters} <= {b"Rejected"}
    if not outcome.refused:
        assert rejected == int(outcome.counts.split("/")[2])
