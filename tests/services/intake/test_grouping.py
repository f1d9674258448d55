"""Rows of one fact: together whatever dress their values wear, and all or none of them."""

import io
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deploy.contexts import forms_of
from events.catalogue import UPSTREAM_CONTEXTS
from events.enrollment import Enrolled
from services.intake.answers import Rejection
from services.intake.entries import Delivery
from services.intake.horizon import Horizon
from services.intake.sources import Source
from services.intake.tables import read_csv
from services.platform.protection import ReadableFact
from tests.services.intake.grouped import HEADER
from tests.services.intake.stated import stated_by
from tests.services.intake.uploads import csv_bytes

OFFICE = Source("/office", UPSTREAM_CONTEXTS, ("",))
MEMBERS = [
    ("周仁贵", "500102197406050752", "本人"),
    ("陶华泰", "500102197401016133", "配偶"),
    ("金和义", "500102199209286028", "子"),
]
DRESSES = {
    "流水号": ["E1", "Ｅ１", " E1"],
    "户号": ["LZ000817", "ＬＺ０００８１７", "LZ000817\u3000", "\u00a0LZ000817"],
    "救助类别": ["农村低保", "农村 低保", "rural_dibao"],
    "区划代码": ["500102008202", " 500102008202"],
    "账号": [
        "6217000000150464",
        "6217 0000 0015 0464",
        "６２１７００００００１５０４６４",
        "6217-0000-0015-0464",
    ],
    "户名": ["周仁贵", " 周仁贵 "],
    "起始月": ["2020-12", "2020年12月", "202012", "2020/12", "2020.12", "2020-12-01", "２０２０－１２"],
    "核定金额": ["463", "463.00", "¥463元", "463.0"],
    "纳入方式": ["普通", "一般"],
    "审批日期": ["2020-11-20", "2020/11/20 09:30", "20201120", "2020年11月20日", "2020-11-19T16:00:00Z"],
    "作废": ["", "否", "无", "/"],
}
BROKEN = {
    "流水号": ["2.02E+11", "E\u200b1"],
    "户号": ["LZ 000817", "LZ\u200d000817", "2.02E+11", "3月5日", "#N/A"],
    "救助类别": ["低保"],
    "起始月": ["20201", "12月", "2020-13"],
    "身份证号": ["500102197406050753"],
    "个人金额": ["300 163", "三百"],
    "作废": ["录错", "2021-06-28"],
}


@st.composite
def households(draw: st.DrawFn) -> list[list[str]]:
    """The rows of a household of three, the serial in every row, in one only, or in none."""
    serials = draw(st.sampled_from([(True, True, True), (True, False, False), (False, False, False)]))
    rows = []
    for said, (name, number, relation) in zip(serials, MEMBERS, strict=True):
        row = {column: draw(st.sampled_from(dresses)) for column, dresses in DRESSES.items()}
        row |= {"姓名": name, "身份证号": number, "与户主关系": relation, "个人金额": "154.33"}
        rows.append([row[column] if said or column != "流水号" else "" for column in HEADER])
    return rows


def stated(rows: list[list[str]], header: list[str] = HEADER) -> list[Any]:
    """What is made of the rows of a file, with a batch number."""
    delivery = Delivery(
        caller=OFFICE,
        source="/office",
        context="enrollment",
        horizon=Horizon.now(24),
        batch="2020-12",
        correlation_id="receipt",
    )
    table = read_csv(io.BytesIO(csv_bytes([header, *rows])), forms_of("enrollment"))
    return [each.fact for each in stated_by(table, delivery)]


@settings(max_examples=150, deadline=None)
@given(households(), households())
def test_whatever_dress_the_rows_wear_they_are_one_fact(
    rows: list[list[str]], others: list[list[str]]
) -> None:
    (fact,) = stated(rows)
    assert isinstance(fact, ReadableFact), fact
    assert isinstance(fact.data, Enrolled)
    assert [member.person.name for member in fact.data.members] == [name for name, *_ in MEMBERS]
    (other,) = stated(others)
    assert other.data == fact.data
    if bool(rows[0][0]) == bool(others[0][0]):
        assert other.serial == fact.serial


@settings(max_examples=50, deadline=None)
@given(households(), st.lists(st.sampled_from(["", "否", "无"]), min_size=3, max_size=3))
def test_a_no_under_the_reason_of_a_table_without_a_flag_undoes_nothing(
    rows: list[list[str]], said: list[str]
) -> None:
    rows = [[*row[:-1], reason] for row, reason in zip(rows, said, strict=True)]
    (fact,) = stated(rows, [*HEADER[:-1], "作废原因"])
    assert isinstance(fact, ReadableFact), fact
    assert isinstance(fact.data, Enrolled)


@settings(max_examples=300, deadline=None)
@given(households(), st.integers(0, 2), st.sampled_from(sorted(BROKEN)), st.data())
def test_a_cell_that_cannot_be_read_in_any_row_keeps_all_of_it_out(
    rows: list[list[str]], at: int, column: str, data: st.DataObject
) -> None:
    rows[at][HEADER.index(column)] = data.draw(st.sampled_from(BROKEN[column]))
    facts = stated(rows)
    assert all(isinstance(fact, Rejection) for fact in facts)
    codes = {fault.sentence.code for fact in facts for fault in getattr(fact, "faults", ())}
    assert codes and "fault-of-ours" not in codes


@settings(max_examples=100, deadline=None)
@given(households(), st.integers(1, 2))
def test_a_row_that_leaves_out_whose_it_is_keeps_all_of_it_out(rows: list[list[str]], at: int) -> None:
    for column in ("流水号", "户号", "救助类别", "起始月"):
        rows[at][HEADER.index(column)] = ""
    facts = stated(rows)
    assert len(facts) == 2
    assert all(isinstance(fact, Rejection) for fact in facts)


def single(at: int, **cells: str) -> list[str]:
    """The row of a household of one person."""
    row = {column: dresses[0] for column, dresses in DRESSES.items()}
    name, number, _ = MEMBERS[at % 3]
    row |= {"姓名": name, "身份证号": number, "与户主关系": "本人", "个人金额": "463"}
    row |= {"流水号": "", "户号": f"LZ{at}", **cells}
    return [row[column] for column in HEADER]


@pytest.mark.parametrize(
    ("cells", "refused"),
    [
        ({"救助类别": "农低保"}, [6]),
        ({"起始月": "去年"}, [6]),
        ({"救助类别": ""}, [6]),
        ({"救助类别": "农低保", "户号": ""}, [5, 6, 7]),
        ({"救助类别": "农低保", "户号": "2.02E+11"}, [5, 6, 7]),
        ({"救助类别": "农低保", "户号": "LZ1"}, [1, 6]),
        ({"户号": ""}, [5, 6]),
    ],
)
def test_a_row_that_cannot_be_read_keeps_out_whom_it_may_belong_to(
    cells: dict[str, str], refused: list[int]
) -> None:
    facts = stated([single(at, **(cells if at == 6 else {})) for at in range(1, 8)])
    assert [at for at, fact in enumerate(facts, start=1) if isinstance(fact, Rejection)] == refused


def test_what_is_wrong_with_a_row_that_is_kept_out_is_said_at_once() -> None:
    rows = [single(1, 核定金额="四百"), single(1, 救助类别="农低保", 核定金额="")]
    found = [[fault.sentence.code for fault in fact.faults] for fact in stated(rows)]
    assert found == [["row-near-broken", "amount-positive"], ["word", "value-required"]]
