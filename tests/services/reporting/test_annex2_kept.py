"""The form as of now is counted once, and anew as soon as more of the log is read."""

from datetime import date

import pytest

from services.reporting import annex2, queries
from tests.oracle import stating as s
from tests.services.reporting.conftest import Street

UNTIL = date(2021, 12, 31)


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[date]:
    """Every form that is counted, by its last day."""
    found: list[date] = []
    filled = annex2._filled

    def noted(until: date, *rest: object) -> annex2.Annex2:
        found.append(until)
        return filled(until, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(annex2, "_filled", noted)
    return found


async def test_nothing_is_counted_anew_until_something_is_read(street: Street, counted: list[date]) -> None:
    await street.read()
    first = await queries.annex2(street.pool, UNTIL)
    assert await queries.annex2(street.pool, UNTIL) == first
    assert counted == [UNTIL]
    assert (await queries.annex2(street.pool, date(2020, 12, 31))).total != first.total, "another question"
    await street.log.state(s.exited(stop_month="2021-06", decided_on="2021-05-20"))
    assert await queries.annex2(street.pool, UNTIL) == first, "stated, and not read yet"
    await street.read()
    later = await queries.annex2(street.pool, UNTIL)
    assert (first.total["A1h"], later.total["A1h"]) == (0, 1)
    assert counted == [UNTIL, date(2020, 12, 31), UNTIL]


async def test_without_a_position_nothing_is_kept(street: Street, counted: list[date]) -> None:
    for _ in range(2):
        await queries.annex2(street.pool, UNTIL)
    assert counted == [UNTIL, UNTIL]
