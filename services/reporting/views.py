"""A supervision view's rows, as its declaration says (``projections/views``).

Rows are dicts with the columns of the question's SQL function; persons and accounts are tokens, amounts 分.
"""

from collections.abc import Iterable

import asyncpg

from projections.view import FILTERS, LEVELS
from projections.views import VIEWS
from services.reporting.filters import NotOfferedError, ViewFilter, WrongQuestionError
from services.reporting.paging import Page, Question, Row
from services.reporting.reach import check_everywhere, own_area

_PERIOD = ("month", "quarter", "since")
_LAST = "~"
"""What an unknown area is sorted as: behind every code."""


async def view(pool: asyncpg.Pool, name: str, filters: ViewFilter | None = None) -> Page:
    """Return rows of a view in its order.

    Raises WrongQuestionError by what it is not asked by (``check_view``), and what ``Question.page`` raises.
    """
    filters = filters or ViewFilter()
    check_view(name, filters)
    declared = VIEWS[name]
    since, until = filters.period
    by = filters.by or next(iter(declared.levels), None)
    sorted_as = f"coalesce({declared.area}, '{_LAST}')" if declared.area else "NULL"
    question = Question(
        f"view {name}",
        f"SELECT * FROM (SELECT *, {sorted_as} AS {_SORTED} FROM {name}_view($1, $2, $3, $4)) AS v",
        [(_SORTED if column == declared.area else column, kind) for column, kind in declared.order],
        [since, until, filters.as_of, LEVELS[by] if by else None],
        whole=True,
    )
    if declared.area is None or (by is not None and LEVELS[by] < len(own_area() or "")):
        check_everywhere()
    question.given(f"starts_with({declared.area}, ${{0}})", own_area())
    question.given(f"starts_with({declared.area}, ${{0}})", filters.village)
    question.given(f"{declared.household} = ${{0}}", filters.household_no)
    question.given(f"{declared.state} = ${{0}}", filters.state)
    return await question.page(
        pool,
        as_of=filters.as_of,
        after=filters.after,
        limit=filters.limit,
        household_no=filters.household_no,
        row_of=_without_sorting,
    )


_SORTED = "sorted_area"


def _without_sorting(row: Row) -> Row:
    return {column: value for column, value in row.items() if column != _SORTED}


def check_view(name: str, filters: ViewFilter) -> None:
    """Raise WrongQuestionError where rows are asked for by what this view's rows do not have."""
    declared = VIEWS[name]
    check_offers(name, (field for field in _named(FILTERS) if getattr(filters, field) is not None))
    words = states(name)
    if filters.state is not None and filters.state not in words:
        raise WrongQuestionError("state", f"one of {', '.join(words)}")
    if declared.levels:
        by = filters.by or declared.levels[0]
        if by not in declared.levels:
            raise WrongQuestionError("by", f"one of {', '.join(declared.levels)}")
        if filters.village is not None and len(filters.village) > LEVELS[by]:
            raise WrongQuestionError(
                "village", f"at most the {LEVELS[by]} digits of a {by}, as rows are by {by}"
            )


def check_offers(name: str, asked: Iterable[str]) -> None:
    """Raise NotOfferedError where one of these is a filter that other views have, and this one has not."""
    for field in asked:
        if field in _named(FILTERS) and field not in offered(name):
            raise NotOfferedError(field, f"the view {name}", offered(name))


def offered(name: str) -> tuple[str, ...]:
    """Return the filters that a view offers, the period as the three ways to name it."""
    return _named(VIEWS[name].filters)


def _named(filters: Iterable[str]) -> tuple[str, ...]:
    return tuple(name for field in filters for name in (_PERIOD if field == "period" else (field,)))


def states(name: str) -> tuple[str, ...]:
    """Return the states that a view's rows may have."""
    declared = VIEWS[name]
    return next((tuple(one.words) for one in declared.columns if one.name == declared.state), ())
