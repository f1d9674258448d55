"""A ledger's rows, as its declaration says (``projections/ledgers``).

Rows are dicts with the columns of the question's SQL function; persons and accounts are tokens, amounts 分.
"""

import asyncpg

from projections.ledger import FILTERS, Heading
from projections.ledgers import LEDGERS
from services.reporting.filters import LedgerFilter, NotOfferedError, WrongQuestionError, check_sort
from services.reporting.paging import STREET_DIGITS, VILLAGE_DIGITS, Page, Question
from services.reporting.reach import check_everywhere, innermost, own_area


async def ledger(pool: asyncpg.Pool, name: str, filters: LedgerFilter) -> Page:
    """Return rows of a ledger in its order.

    Raises NotOfferedError where it has no such filter, and what ``Question.page`` raises.
    """
    return await question_of(name, filters).page(
        pool,
        as_of=filters.as_of,
        after=filters.after,
        limit=filters.limit,
        household_no=filters.household_no,
    )


def question_of(name: str, filters: LedgerFilter) -> Question:
    """Return the select of a ledger's rows under their conditions. Raises NotOfferedError."""
    declared = LEDGERS[name]
    check_offered(name, filters)
    month = declared.month
    asked_with_month = month is not None and month.asked is None
    asked = Question(
        name,
        f"SELECT * FROM {name}_ledger($1, $2{', $3' if asked_with_month else ''})",
        declared.order,
        [filters.until, filters.as_of, *([filters.month] if asked_with_month else [])],
    )
    if month is not None and month.asked is not None:
        asked.given(month.asked.replace("{0}", "${0}"), filters.month)
    if filters.sort is not None:
        columns = [column.name for column in declared.columns if not column.sealed]
        check_sort(filters.sort, columns)
        asked.sort = filters.sort
    if declared.area is None:
        check_everywhere()
    else:
        asked.within(declared.area, own_area())
        asked.within(declared.area, filters.village)
    lying = innermost(filters.village)
    if declared.household is None:
        # What the planner knows of the column is true.
        asked.narrow |= lying is not None
    elif declared.housed:
        by_household = declared.household in dict(declared.order)
        asked.at_home(declared.household, lying, STREET_DIGITS if by_household else VILLAGE_DIGITS)
    asked.given(f"{declared.household} = ${{0}}", filters.household_no)
    by_month = filters.month is not None and declared.order[0][1] != "date"
    asked.narrow |= filters.household_no is not None or by_month
    asked.given(f"{declared.programme} = ${{0}}", filters.programme)
    if filters.token is not None:
        asked.narrow = True
        asked.given(f"({' OR '.join(map(_naming, declared.tokens))})", filters.token)
    if filters.status is not None and declared.status is not None:
        check_status(filters.status, declared.status)
        asked.given("status = ${0}", filters.status)
    return asked


def _naming(column: str) -> str:
    """The condition that a column names a token: members are a list, all others a text."""
    if column == "members":
        return "members @> jsonb_build_array(jsonb_build_object('person_id', ${0}::text))"
    return f"{column} = ${{0}}"


def check_status(status: str, column: Heading) -> None:
    """Raise WrongQuestionError where a ledger's rows never stand so."""
    if status not in column.words:
        raise WrongQuestionError("status", f"one of {', '.join(column.words)}")


def check_offered(name: str, filters: LedgerFilter) -> None:
    """Raise NotOfferedError where rows are asked for by what this ledger's rows do not have."""
    for asked in FILTERS:
        if getattr(filters, asked) is not None and asked not in LEDGERS[name].filters:
            raise NotOfferedError(asked, f"the ledger {name}", LEDGERS[name].filters)
