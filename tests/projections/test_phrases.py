"""Phrases filled in from the fields of a finding."""

from datetime import date
from typing import Any

import pytest

from projections.phrases import Phrase, day, month, sentence, yuan

CLOSED = date(2021, 8, 31)


@pytest.mark.parametrize(
    ("phrase", "fields", "said"),
    [
        ("{household_no}户", {"household_no": "H1"}, "H1户。"),
        ("有{household_count}户", {"household_count": 2}, "有2户。"),
        ("多发{overpaid_fen:yuan}", {"overpaid_fen": 0}, "多发0.00元。"),
        ("{month:month}", {"month": "2021-04"}, "2021年4月。"),
        ("{died_on:day}", {"died_on": "2021-03-09"}, "2021年3月9日。"),
        ("{quarter:quarter}", {"quarter": "2021-Q3"}, "2021年第3季度。"),
        ("{programme:word}", {"programme": "tekun"}, "特困供养。"),
        ("{programme:word}", {"programme": "a-later-one"}, "a-later-one。"),
        ("{custody_fails:words}", {"custody_fails": ["filed_on", "valid_to"]}, "未备案、发放时代管已到期。"),
        ("{kind:headings}", {"kind": "clue_no+case_no"}, "线索编号、案件编号。"),
        ("{number:parts}", {"number": "H1 tekun 2021-01"}, "H1、特困供养、2021-01。"),
        ("{grants:count}次", {"grants": ["G1", "G2"]}, "2次。"),
        ("{grants:first_ten}", {"grants": list(range(10))}, "0、1、2、3、4、5、6、7、8、9。"),
        ("{grants:first_ten}", {"grants": list(range(11))}, "0、1、2、3、4、5、6、7、8、9等。"),
        ("逾期{due_on:days_over}天", {"due_on": "2021-08-12"}, "逾期19天。"),
    ],
)  # fmt: skip
def test_each_format_by_example(phrase: str, fields: dict[str, Any], said: str) -> None:
    assert sentence([phrase], fields, CLOSED) == said


@pytest.mark.parametrize("fields", [{}, {"tier": None}, {"tier": ""}, {"tier": []}])
def test_a_phrase_is_left_out_where_its_field_is_not_given(fields: dict[str, Any]) -> None:
    assert sentence(["户名不符", "但{tier:word}"], fields) == "户名不符。"


LATE: list[Phrase] = [
    "承诺{due_on:day}前核实",
    ("{done_on:day}才核实", "至今未核实，逾期{due_on:days_over}天", "至今未核实"),
]


@pytest.mark.parametrize(
    ("fields", "closed", "said"),
    [
        ({}, CLOSED, "承诺2021年8月12日前核实，至今未核实，逾期19天。"),
        ({}, date(2021, 8, 12), "承诺2021年8月12日前核实，至今未核实。"),
        ({}, None, "承诺2021年8月12日前核实，至今未核实。"),
        ({"done_on": "2021-08-13"}, CLOSED, "承诺2021年8月12日前核实，2021年8月13日才核实。"),
    ],
)
def test_of_several_the_first_that_can_be_said_is(
    fields: dict[str, Any], closed: date | None, said: str
) -> None:
    assert sentence(LATE, {"due_on": "2021-08-12", **fields}, closed) == said


def test_amounts_months_and_days() -> None:
    assert [yuan(fen) for fen in (5, 123456, -45600)] == ["0.05元", "1,234.56元", "-456.00元"]
    assert (month("2021-06"), month("any")) == ("2021年6月", "any")
    assert (day("2021-06-16"), day("2021-06")) == ("2021年6月16日", "2021-06")
