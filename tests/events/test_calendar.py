"""A year's arrangement names days of its own year, each in one list; its void needs no day."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from events.calendar import YEAR_ARRANGED, UndoneBecause, YearArranged
from events.voids import CalendarVoided

YEAR: dict[str, Any] = {
    "year": 2021,
    "holidays": ["2021-01-01", "2021-10-01"],
    "working_days": ["2021-10-09"],
    "document": "国办发明电〔2020〕27号",
}


def stated(**more: Any) -> YearArranged:
    return YearArranged.model_validate_json(json.dumps(YEAR | more))


def test_a_year_may_have_no_make_up_days() -> None:
    assert stated(working_days=[]).holidays == stated().holidays
    assert stated().document == YEAR["document"]


@pytest.mark.parametrize(
    ("more", "field", "code"),
    [
        ({"holidays": ["2022-01-01"]}, "holidays", "days-of-year"),
        ({"working_days": ["2020-12-31"]}, "working_days", "days-of-year"),
        ({"working_days": ["2021-10-01"]}, "working_days", "days-not-in-both"),
    ],
)
def test_a_date_of_another_year_or_in_both_lists_is_refused_by_name(
    more: dict[str, Any], field: str, code: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        stated(**more)
    (error,) = refused.value.errors()
    assert (error["type"], error["ctx"]["field"]) == (code, field)


def test_a_void_of_a_year_has_its_first_day_where_it_names_none() -> None:
    void = {"source": "/a", "id": "1", "type": YEAR_ARRANGED, "reason": "误报", "year": 2021}
    assert CalendarVoided[UndoneBecause].model_validate_json(json.dumps(void)).day.isoformat() == "2021-01-01"
    with pytest.raises(ValidationError):
        CalendarVoided[UndoneBecause].model_validate_json(json.dumps({**void, "year": None}))


def test_why_a_year_is_undone_is_one_of_a_few_words_for_it_stays_readable() -> None:
    void = {"source": "/a", "id": "1", "type": YEAR_ARRANGED, "reason": "王二狗口述", "year": 2021}
    with pytest.raises(ValidationError, match="reason"):
        CalendarVoided[UndoneBecause].model_validate_json(json.dumps(void))
