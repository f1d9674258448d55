"""The holidays of a year as they are stated: the State Council's, the same whenever they are stated again."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from typer.testing import CliRunner

from deploy.cli import calendar
from deploy.cli.app import app
from events.catalogue import BY_TYPE
from services.simulator.workdays import arranged

NATIONAL_DAY = [f"2021-10-{day:02d}" for day in range(1, 8)]


def test_a_year_is_stated_as_the_state_council_arranged_it() -> None:
    fact = calendar.arrangement(2021)
    assert fact is not None
    stated = BY_TYPE[fact["type"]].readable.model_validate_json(json.dumps(fact["data"]))
    days = stated.model_dump(mode="json")
    assert set(NATIONAL_DAY) <= set(days["holidays"])
    assert {"2021-09-26", "2021-10-09"} <= set(days["working_days"])
    assert (days["holidays"], days["working_days"]) == arranged(2021)


def test_it_is_the_same_fact_whenever_it_is_stated_and_another_with_a_later_release(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = calendar.arrangement(2021)
    assert now is not None and now == calendar.arrangement(2021)
    assert datetime.fromisoformat(now["time"]) < datetime(2020, 11, 25, tzinfo=UTC)
    monkeypatch.setattr(calendar, "version", lambda name: "1.99.0")
    later = calendar.arrangement(2021)
    assert later is not None
    assert later["id"] != now["id"] and later["time"] > now["time"]


def test_a_year_that_nobody_arranged_is_refused_in_a_sentence() -> None:
    refused = CliRunner().invoke(app, ["calendar", "publish", "1999"])
    assert refused.exit_code == 1
    assert "has no holidays of 1999, only 2004 to" in " ".join(refused.output.split())
