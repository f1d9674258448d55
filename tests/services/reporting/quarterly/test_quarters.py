"""What a quarter is, who may freeze it and when, and what makes the difference between two."""

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from projections.annex2.form import cells
from services.reporting.filters import WrongQuestionError
from services.reporting.quarterly.quarters import (
    Discounted,
    FreezeError,
    Frozen,
    Item,
    Quarter,
    Side,
    Which,
    changes,
    check_days,
    check_people,
    check_reason,
    check_sums,
    differences,
    which,
)

Q1 = Quarter(2021, 1)
VOID = UUID(int=99)


def item(number: int, day: str, offset: int, *, counted: int = 1, person: str | None = None) -> Item:
    return Item(
        business_date=date.fromisoformat(day),
        event_id=UUID(int=number),
        type="dibao.relief.granted.v1",
        source="/street",
        serial=str(number),
        household_no="H1",
        person_id=person,
        number=None,
        village="500102008201",
        month=None,
        of_class=None,
        counted=counted,
        digest="d",
        topic="dibao.relief",
        partition=0,
        offset=offset,
    )


def side(name: str, until: str, recorded: int | None, *items: Item) -> Side:
    count = sum(each.counted for each in items)
    positions = None if recorded is None else {"dibao.relief/0": recorded}
    return Side(name, date.fromisoformat(until), None, positions, cells([("A3", count)]), {"A3": items})


@pytest.mark.parametrize(
    ("text", "last", "number"),
    [
        ("2021Q1", date(2021, 3, 31), None),
        ("2021Q2", date(2021, 6, 30), None),
        ("2021Q3.2", date(2021, 9, 30), 2),
        ("2021Q4", date(2021, 12, 31), None),
        ("2024Q1.10", date(2024, 3, 31), 10),
    ],
)
def test_a_quarter_ends_on_its_last_day(text: str, last: date, number: int | None) -> None:
    found = which(text)
    assert (found.quarter.last, found.number, str(found)) == (last, number, text)


@pytest.mark.parametrize(
    "text", ["2021Q5", "2021q1", "2021-03", "2021Q1.0", "2021Q1.", "now", "２０２１Q1", ""]
)
def test_what_is_no_quarter_is_refused(text: str) -> None:
    with pytest.raises(WrongQuestionError, match="from: expected a quarter such as 2021Q3"):
        which(text, "from")


def test_two_people_freeze_a_quarter() -> None:
    assert check_people(" 王芳 ", "李强") == ("王芳", "李强")
    for prepared, checked in (
        ("王芳", "王芳"),
        ("王芳", " 王 芳 "),
        ("Wang", "WANG"),
        ("", "李强"),
        ("王芳", " "),
    ):
        with pytest.raises(FreezeError):
            check_people(prepared, checked)


def test_a_quarter_is_frozen_when_it_is_over_and_a_day_at_its_end_is_closed() -> None:
    end, later, today = date(2021, 3, 31), date(2021, 4, 9), date(2021, 4, 10)
    assert check_days(Q1, None, later, today) == later, "the latest closed day"
    assert check_days(Q1, end, later, today) == end, "unless another is asked for"
    refused = [
        (None, end, end, "2021Q1 goes on until 2021-03-31"),
        (None, None, today, "No day after 2021Q1 is closed yet"),
        (None, date(2021, 3, 30), today, "No day after 2021Q1 is closed yet"),
        (date(2021, 3, 30), later, today, "2021-03-30 is before the end of 2021Q1"),
    ]
    for as_of, closed, on, said in refused:
        with pytest.raises(FreezeError, match=said):
            check_days(Q1, as_of, closed, on)


def test_a_restatement_says_why() -> None:
    assert check_reason(Which(Q1), 0, None) is None
    assert check_reason(Which(Q1), 1, " 迟报 ") == "迟报"
    for kept, because, said in (
        (1, None, "frozen already"),
        (2, "  ", "2021Q1.2"),
        (0, "迟报", "never frozen"),
    ):
        with pytest.raises(FreezeError, match=said):
            check_reason(Which(Q1), kept, because)


def test_a_cell_that_is_not_the_sum_of_its_rows_is_not_frozen() -> None:
    rows = {"A3": [item(1, "2021-02-10", 0), item(2, "2021-02-10", 1, counted=0)]}
    check_sums(cells([("A3", 1)]), rows)
    with pytest.raises(FreezeError, match="A3 counts 2, but its rows are 1"):
        check_sums(cells([("A3", 2)]), rows)


def test_cells_differ_where_both_have_facts() -> None:
    found = {
        each.code: each for each in differences({"A3": 2, "A4": None, "B1": 1}, {"A3": 5, "A4": 1, "B1": 1})
    }
    assert (found["A3"].old, found["A3"].new, found["A3"].change) == (2, 5, 3)
    assert (found["A4"].old, found["A4"].new, found["A4"].change) == (None, 1, None)
    assert found["B1"].change == 0


def test_what_came_and_went_says_why() -> None:
    voided, doubted, moved = item(1, "2021-02-01", 0), item(2, "2021-02-02", 1), item(3, "2021-02-03", 2)
    late, next_quarter = item(4, "2021-03-01", 5), item(5, "2021-05-01", 6)
    old = side("2021Q1.1", "2021-03-31", 5, voided, doubted, moved)
    new = side("2021Q2.1", "2021-06-30", 9, late, next_quarter)
    discounted = {
        voided.event_id: Discounted("voided", VOID),
        doubted.event_id: Discounted("set_aside"),
    }
    found = changes(old, new, "A3", discounted)
    assert [(each.item, each.happened, each.adds, each.why, each.void) for each in found] == [
        (voided, "went", -1, "voided", VOID),
        (doubted, "went", -1, "set_aside", None),
        (moved, "went", -1, "other_facts", None),
        (late, "came", 1, "recorded_later", None),
        (next_quarter, "came", 1, "business_date_after", None),
    ]


def test_a_fact_that_was_there_and_counts_only_now_does_so_because_of_others() -> None:
    old, new = side("2021Q1.1", "2021-03-31", 5), side("now", "2021-03-31", None, item(1, "2021-02-01", 3))
    assert [each.why for each in changes(old, new, "A3", {})] == ["other_facts"]


def test_compared_backwards_the_later_ones_are_those_that_went() -> None:
    late, next_quarter = item(4, "2021-03-01", 5), item(5, "2021-05-01", 6)
    old = side("2021Q2.1", "2021-06-30", 9, late, next_quarter)
    new = side("2021Q1.1", "2021-03-31", 5)
    assert [each.why for each in changes(old, new, "A3", {})] == ["recorded_later", "business_date_after"]


def test_what_changes_add_is_the_difference() -> None:
    # A person is counted once: the earlier row went, so the later one counts now.
    first, again = item(1, "2021-02-01", 0, person="p"), item(2, "2021-03-01", 1, counted=0, person="p")
    old = side("2021Q1.1", "2021-03-31", 5, first, again)
    new = side("now", "2021-03-31", None, replace(again, counted=1))
    found = changes(old, new, "A3", {first.event_id: Discounted("voided", VOID)})
    assert [(each.happened, each.adds, each.why) for each in found] == [
        ("went", -1, "voided"),
        ("stayed", 1, "counted_once"),
    ]
    (cell,) = [each for each in differences(old.cells, new.cells) if each.code == "A3"]
    assert sum(each.adds for each in found) == cell.change == 0


def test_what_is_frozen_is_known_by_all_of_it() -> None:
    frozen = Frozen(
        quarter=Q1,
        programme="rural_dibao",
        number=1,
        until=Q1.last,
        as_of=Q1.last,
        prepared_by="王芳",
        checked_by="李强",
        because=None,
        frozen_at=datetime(2021, 4, 1, 8, 30, 0, 123456, UTC),
        cells=cells([("A3", 1)]),
        areas=[("500102008201", cells([("A3", 1)]))],
        positions={"dibao.relief/0": 5},
        checkpoints={},
        items={"A3": [item(1, "2021-02-01", 0)], "B1": []},
    )
    others = [
        replace(frozen, number=2),
        replace(frozen, checked_by="赵六"),
        replace(frozen, cells=cells([("A3", 2)])),
        replace(frozen, positions={"dibao.relief/0": 6}),
        replace(frozen, items={"A3": [item(1, "2021-02-01", 1)], "B1": []}),
        replace(frozen, frozen_at=datetime(2021, 4, 1, 8, 30, 0, 123457, UTC)),
        replace(frozen, checkpoints={"dibao.relief/0": "a signed note"}),
    ]
    assert len({frozen.digest, *(each.digest for each in others)}) == 8
    # What was kept before quarters named checkpoints is known as it was.
    assert frozen.digest == "79b3197d7fedb4cc45443dfb4d9ab956a0b7df452f315317b6fc25163e0a9478"
    assert Item.from_json(frozen.items["A3"][0].as_json()) == frozen.items["A3"][0]
