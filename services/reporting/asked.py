"""What a question over HTTP may hold.

The questions themselves check it (``filters``), whoever asks.
"""

from datetime import date
from typing import Annotated

from fastapi import Query
from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from services.reporting import queries
from services.reporting.filters import SORTS


def _day(text: str) -> date:
    # Of what is no day at all pydantic would make one: 20210630 seconds after 1970.
    try:
        return queries.checked_day(text)
    except queries.WrongQuestionError as error:
        raise PydanticCustomError("day", "expected {day}", {"day": error.expected}) from None


Village = Annotated[
    str | None,
    Query(
        description="a village's name or division code, or its beginning: 2, 4, 6 or 9 digits",
        examples=["500102008"],
    ),
]
AnomalySort = Annotated[
    str | None,
    Query(description=f"one of {', '.join(SORTS)}; with - before it the largest first"),
]
Limit = Annotated[int, Query(ge=1, le=queries.MOST_ROWS)]
Day = Annotated[date, BeforeValidator(_day)]
AsOf = Annotated[
    Day | None,
    Query(
        description="recorded by the close of this day; 409 where it is not closed", examples=["2021-06-30"]
    ),
]
Since = Annotated[
    Day | None, Query(description="what is another since the close of this day; 409 where it is not closed")
]
