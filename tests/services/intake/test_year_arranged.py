"""The arrangement of a year comes in like any fact, and is undone; closed days are the closer's alone."""

from __future__ import annotations

import json
from typing import Any

from events.examples import examples_of
from services.intake.answers import Rejection
from services.intake.envelope import read_event
from services.intake.horizon import Horizon
from services.intake.sources import OPERATOR
from services.platform.protection import ReadableFact

_, ARRANGED, VOIDED = examples_of("calendar")


def judged(raw: dict[str, Any]) -> ReadableFact | Rejection:
    return read_event(json.dumps(raw).encode(), OPERATOR, "calendar", Horizon.now(24))


def without(raw: dict[str, Any], name: str) -> dict[str, Any]:
    return raw | {"data": {key: value for key, value in raw["data"].items() if key != name}}


def test_a_year_is_arranged_and_undone() -> None:
    arranged, voided = judged(ARRANGED), judged(VOIDED)
    assert isinstance(arranged, ReadableFact) and isinstance(voided, ReadableFact)
    whole = {**ARRANGED["data"], **VOIDED["data"]}
    for raw in (without(VOIDED, "day"), VOIDED | {"data": whole}):
        fact = judged(raw)
        assert isinstance(fact, ReadableFact) and fact.data == voided.data


def test_a_void_of_a_year_names_it() -> None:
    refused = judged(without(VOIDED, "year"))
    assert isinstance(refused, Rejection)
    assert [fault.field for fault in refused.faults] == ["data.year"]


def test_nobody_undoes_a_closed_day_from_outside() -> None:
    day = {"source": "/dibao/calendar", "id": "2021-06-30", "type": "dibao.calendar.day_closed.v1"}
    refused = judged(VOIDED | {"data": {**VOIDED["data"], **day}})
    assert isinstance(refused, Rejection)
    assert [fault.field for fault in refused.faults] == ["data.type"]


def test_a_year_whose_days_are_to_come_is_arranged_before() -> None:
    ahead = {"year": 2099, "holidays": ["2099-01-01"], "working_days": [], "document": "国办发明电"}
    assert isinstance(judged(ARRANGED | {"data": ahead}), ReadableFact)
