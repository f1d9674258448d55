"""A4-A7 by example, counted by hand: the cells, and what they open into."""

from datetime import date
from typing import Any

import asyncpg
import pytest

from services.reporting import queries
from tests.oracle import stating as s
from tests.oracle.annex2 import cells as by_oracle
from tests.oracle.facts import Raw
from tests.projections.reading import stated

UNTIL = date(2021, 12, 31)
CODES = ("A4", "A4a", "A5", "A5a", "A6", "A7")


async def counted(pool: asyncpg.Pool, *raws: Raw, until: date = UNTIL, **asked: Any) -> dict[str, int]:
    """The cells that are not 0 once these are stated; the oracle has the same."""
    await stated(pool, *raws)
    return await asked_for(pool, *raws, until=until, **asked)


async def asked_for(pool: asyncpg.Pool, *raws: Raw, until: date = UNTIL, **asked: Any) -> dict[str, int]:
    total = (await queries.annex2(pool, until, **asked)).total
    oracle = by_oracle(raws, until, **asked)
    assert [total[code] for code in CODES] == [oracle[code] for code in CODES]
    return {code: count for code in CODES if (count := total[code])}


async def test_places_in_institutions_count_persons_and_not_facts(pool: asyncpg.Pool) -> None:
    facts = [
        s.care("central_demanded", "2021-02-01", s.WANG),
        s.care("central_demanded", "2021-03-01", s.WANG),
        s.care("admitted", "2021-04-01", s.WANG),
        s.care("discharged", "2021-05-01", s.WANG),
        s.care("admitted", "2021-06-01", s.LI, "T2"),
        s.care("central_demanded", "2020-12-31", s.ZHAO, "T3"),
    ]
    assert await counted(pool, *facts) == {"A4": 2, "A4a": 2}
    assert await asked_for(pool, *facts, until=date(2021, 3, 31)) == {"A4": 1}
    opened = (await queries.annex2_cell(pool, "A4a", UNTIL)).rows
    assert [(row["household_no"], row["business_date"]) for row in opened] == [
        ("T1", date(2021, 4, 1)),
        ("T2", date(2021, 6, 1)),
    ]


async def test_care_at_home_is_agreed_by_whoever_is_cared_for_at_home(pool: asyncpg.Pool) -> None:
    undone = s.care("dispersed_care_begun", "2021-02-01", s.STRANGER, "T4")
    facts = [
        s.care("dispersed_care_begun", "2021-02-01", s.WANG),
        s.care("care_agreement_signed", "2021-01-15", s.WANG),
        s.care("dispersed_care_begun", "2021-02-01", s.LI, "T2"),
        s.care("care_agreement_signed", "2020-12-31", s.LI, "T2"),
        s.care("care_agreement_signed", "2021-03-01", s.ZHAO, "T3"),
        undone,
        s.care("care_agreement_signed", "2021-03-01", s.STRANGER, "T4"),
        s.voided(undone, household_no="T4"),
    ]
    assert await counted(pool, *facts) == {"A5": 2, "A5a": 1}


LATER = [
    ([s.rectified("W1", "2021-06-01")], 1),
    ([s.rectified("W1", "2021-06-01"), s.rechecked("W1", "2021-06-01", "rebounded")], 0),
    ([s.rectified("W1", "2021-06-02"), s.rechecked("W1", "2021-06-01", "not_rectified")], 1),
    ([s.rectified("W1", "2021-06-01"), s.rechecked("W1", "2021-07-01")], 1),
    ([s.rechecked("W1", "2021-07-01")], 1),
    ([s.rectified("W1", "2022-01-01")], 0),
    ([], 0),
]


@pytest.mark.parametrize(("words", "put_right"), LATER)
async def test_the_last_word_says_whether_a_problem_is_put_right(
    pool: asyncpg.Pool, words: list[Raw], put_right: int
) -> None:
    facts = [*words, s.problem("W1", "2021-05-01")]
    assert await counted(pool, *facts) == {"A6": 1} | ({"A7": 1} if put_right else {})


async def test_problems_of_payments_belong_to_the_programme_of_their_household(pool: asyncpg.Pool) -> None:
    urban = {"household_no": "H2", "programme": "urban_dibao", "from_month": "2021-06"}
    facts = [
        s.enrolled(s.WANG),
        s.enrolled(s.LI, **urban),
        s.problem("W1", "2021-05-01"),
        s.problem("W2", "2021-05-01", household_no="H1"),
        s.problem("W3", "2021-05-31", household_no="H2"),
        s.problem("W4", "2021-06-01", household_no="H2"),
        s.problem("W5", "2021-05-01", "policy"),
        s.problem("W6", "2020-12-31"),
    ]
    assert await counted(pool, *facts) == {"A6": 2}
    assert await asked_for(pool, *facts, programme="urban_dibao") == {"A6": 1}
    opened = (await queries.annex2_cell(pool, "A6", UNTIL)).rows
    assert [row["number"] for row in sorted(opened, key=lambda row: row["number"])] == ["W1", "W2"]
