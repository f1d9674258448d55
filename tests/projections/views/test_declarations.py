"""Every view stands in its folder, and what it declares is what its question answers."""

from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from projections.view import LEVELS
from projections.views import VIEWS
from services.detection.rules import ALL
from services.reporting import queries
from services.reporting.queries import NotOfferedError, ViewFilter, WrongQuestionError
from services.reporting.views import states
from tests.projections.examples import read_examples

FOLDER = Path(__file__).parents[3] / "projections" / "views"


def test_the_folder_holds_these_views() -> None:
    assert list(VIEWS) == [
        *("campaign_progress", "clocks", "coverage", "custody_checks", "findings", "fund_chain", "overpaid"),
        *("petitions_rate", "ranking", "rectification"),
    ]
    assert {file.stem for file in FOLDER.glob("*.sql")} == set(VIEWS)
    assert len({view.title for view in VIEWS.values()}) == len(VIEWS)
    assert all(view.about.endswith("。") for view in VIEWS.values())


@pytest.mark.parametrize("name", VIEWS)
async def test_the_declared_columns_are_those_of_the_question(pool: asyncpg.Pool, name: str) -> None:
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("SET LOCAL search_path TO projection_g1")
        question = await connection.prepare(f"SELECT * FROM {name}_view(null, null, null, 12)")
        types = {column.name: column.type.name for column in question.get_attributes()}
    declared = VIEWS[name]
    assert [column.name for column in declared.columns] == list(types), "in the order of the question"
    assert declared.listed
    assert {column: types[column] for column, _ in declared.order} == {
        column: {"int": "int4"}.get(kind, kind) for column, kind in declared.order
    }
    for asked in (declared.area, declared.household, declared.state):
        assert asked is None or asked in types
    assert (declared.state is None) == (states(name) == ())
    assert set(declared.levels) <= set(LEVELS)


def test_what_a_rule_reads_too_has_its_values() -> None:
    of_rules = {one.name: one for rule in ALL.rules for one in rule.parameters}
    for view in VIEWS.values():
        for one in view.parameters:
            if one.name in of_rules:
                assert asdict(one).items() <= asdict(of_rules[one.name]).items()


async def test_every_view_goes_by_pages_and_by_every_level(pool: asyncpg.Pool) -> None:
    await read_examples(pool)
    for name, declared in VIEWS.items():
        for by in declared.levels or (None,):
            whole = (await queries.view(pool, name, ViewFilter(by=by))).rows
            page = await queries.view(pool, name, ViewFilter(by=by, limit=1))
            paged = page.rows
            while page.next is not None:
                page = await queries.view(pool, name, ViewFilter(by=by, limit=7, after=page.next))
                paged += page.rows
            assert whole or name == "findings", "of these nothing was announced"
            assert paged == whole, name
            if by is not None:
                assert {len(row["area"] or "") for row in whole} <= {0, LEVELS[by]}, name


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"by": "province"}, "by: expected one of village, street, district"),
        ({"month": "2021-13"}, "month: expected a month such as 2021-06"),
        ({"quarter": "2021Q5"}, "quarter: expected a quarter such as 2021Q2"),
        ({"month": "2021-06", "quarter": "2021Q2"}, "period: expected one of month, quarter and since"),
        ({"since": date(2021, 6, 2), "until": date(2021, 6, 1)}, "until: expected a day from 2021-06-02 on"),
        ({"month": "2021-06", "until": date(2021, 5, 31)}, "until: expected a day from 2021-06-01 on"),
        ({"village": "5"}, "village: expected a village's name or division code"),
        ({"limit": 0}, "limit: expected a number of rows"),
    ],
)
def test_a_wrong_question_is_refused_by_name(asked: dict[str, Any], message: str) -> None:
    with pytest.raises(WrongQuestionError, match=message):
        ViewFilter(**asked)


def test_a_view_says_by_what_it_is_asked() -> None:
    with pytest.raises(
        NotOfferedError, match="household_no: the view coverage has no such filter; it has by,"
    ):
        queries.check_view("coverage", ViewFilter(household_no="H1"))
    with pytest.raises(WrongQuestionError, match="village: expected at most the 9 digits of a street"):
        queries.check_view("coverage", ViewFilter(by="street", village="500102008201"))


@pytest.mark.parametrize(
    ("asked", "period"),
    [
        ({}, (None, None)),
        ({"month": "2021-02"}, (date(2021, 2, 1), date(2021, 2, 28))),
        ({"month": "2021-12"}, (date(2021, 12, 1), date(2021, 12, 31))),
        ({"month": "2021-06", "until": date(2021, 6, 9)}, (date(2021, 6, 1), date(2021, 6, 9))),
        ({"month": "2021-06", "until": date(2021, 7, 9)}, (date(2021, 6, 1), date(2021, 6, 30))),
        ({"quarter": "2021Q2"}, (date(2021, 4, 1), date(2021, 6, 30))),
        ({"quarter": "2021-Q4"}, (date(2021, 10, 1), date(2021, 12, 31))),
        ({"since": date(2021, 6, 2)}, (date(2021, 6, 2), None)),
    ],
)
def test_a_period(asked: dict[str, Any], period: tuple[date | None, date | None]) -> None:
    assert ViewFilter(**asked).period == period
