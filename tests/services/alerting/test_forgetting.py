"""What was told long ago is forgotten, and nothing that is still to be told; the balance stays as it was."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from services.alerting import forgetting
from services.alerting.forgetting import forget
from services.alerting.notices import ask_for_test, replay
from services.alerting.snoozes import lift, snooze
from services.alerting.subscription import Bounds
from services.alerting.subscriptions import unsubscribe
from services.platform.balance import balance
from tests.services.alerting.office import NOW, Office, anomaly_of, finding

SINCE = date(2026, 1, 1)
LATER = NOW + timedelta(days=100)
MANY = Bounds(most=100)


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Steps of two rows, so that each kind of row takes several."""
    monkeypatch.setattr(forgetting, "AT_A_TIME", 2)
    monkeypatch.setattr(forgetting, "_BETWEEN_SECONDS", 0.0)
    yield


async def day(office: Office, number: int, *raws: dict[str, Any]) -> None:
    """What is announced on a day, and decided."""
    office.now = NOW + timedelta(days=number)
    await office.announce(*raws)
    await office.settle_until_idle()


async def deliver(office: Office, *, days: tuple[int, ...]) -> None:
    """Let what was made on these days be delivered, at the second attempt."""
    for number in days:
        rows = await office.pool.fetch(
            "UPDATE alerting.notice SET state = 'delivered', tries = 2 WHERE state = 'due'"
            " AND made_at >= $1 AND made_at < $2 RETURNING place",
            NOW + timedelta(days=number, hours=-1),
            NOW + timedelta(days=number, hours=20),
        )
        for row in rows:
            for attempt in (1, 2):
                await office.pool.execute(
                    "INSERT INTO alerting.attempt (notice, number, at, seconds, outcome)"
                    " VALUES ($1, $2, now(), 0.1, 'delivered') ON CONFLICT DO NOTHING",
                    row["place"],
                    attempt,
                )


async def kept(office: Office) -> dict[str, int]:
    """How many rows there are of each kind."""
    return {
        table: await office.pool.fetchval(f"SELECT count(*) FROM alerting.{table}")
        for table in ("announcement", "item", "notice", "attempt")
    }


async def open_announcements(office: Office) -> set[tuple[int, int]]:
    """Of which finding which revision is kept."""
    names = {anomaly_of(number): number for number in range(20)}
    rows = await office.pool.fetch("SELECT anomaly_id, revision FROM alerting.announcement")
    return {(names[row["anomaly_id"]], row["revision"]) for row in rows}


async def test_of_days_that_are_settled_the_balance_stays_and_of_others_everything(
    office: Office, in_its_role: Office
) -> None:
    number = await office.subscribe(bounds=MANY)
    await office.subscribe("李", bounds=MANY)
    await day(office, 0, *(finding(one) for one in range(5)))
    await day(office, 1, finding(0, "withdrawn", 2), finding(1, "revised", 2), finding(6))
    await day(office, 2, finding(7))
    await day(office, 3, finding(8))
    [held] = await snooze(
        office.pool, anomaly_of(8), subscription=None, until=LATER, reason="核实", by="王芳"
    )
    await day(office, 4, finding(8, "revised", 2, evidence=finding(8)["data"]["evidence"]))
    await ask_for_test(office.pool, number, "街道")
    await office.pool.execute("UPDATE alerting.notice SET made_at = $1 WHERE kind = 'test'", NOW)
    await deliver(office, days=(0, 1, 3, 4))
    before, rows = await balance(office.pool, SINCE), await kept(office)
    assert {row["lost"] for row in before} == {0} and sum(row["snoozed"] for row in before) > 0

    await forget(in_its_role.pool, 1, NOW + timedelta(days=20))
    assert await kept(office) == rows, "nothing is a month old"
    await forget(in_its_role.pool, 1, LATER)

    assert await balance(office.pool, SINCE) == before
    settled = await office.pool.fetch("SELECT settled_on FROM alerting.settled_day ORDER BY 1")
    assert [row["settled_on"].isoformat() for row in settled] == ["2026-03-02", "2026-03-03", "2026-03-05"]
    # Of what is open the latest stays: it may be snoozed. What was withdrawn is gone with all that it was.
    assert await open_announcements(office) == {
        (1, 2),
        (2, 1),
        (3, 1),
        (4, 1),
        (6, 1),
        (7, 1),
        (8, 2),
    }
    left = await office.pool.fetch("SELECT DISTINCT place FROM alerting.item")
    places = await office.pool.fetch(
        "SELECT place FROM alerting.announcement WHERE decided_at >= $1 AND decided_at < $2"
        " OR decided_at >= $3",
        NOW + timedelta(days=2, hours=-1),
        NOW + timedelta(days=2, hours=20),
        NOW + timedelta(days=4, hours=-1),
    )
    assert {row["place"] for row in left} == {row["place"] for row in places}
    states = await office.pool.fetch("SELECT state, count(*) FROM alerting.notice GROUP BY 1")
    # To two subscriptions and the stream; the held one is in no notice. A test that was delivered is gone.
    assert dict(states) == {"due": 2, "shown": 1}
    assert (await kept(office))["attempt"] == 0
    await snooze(office.pool, anomaly_of(2), subscription=None, until=LATER, reason="核实", by="王芳")

    # What was still to be told is told, and only then forgotten; the balance says so of each day.
    await deliver(office, days=(2,))
    await lift(office.pool, held)
    office.now = NOW + timedelta(days=5)
    await office.settle_until_idle()
    await deliver(office, days=(5,))
    whole = await balance(office.pool, SINCE)
    assert sum(row["snoozed"] + row["waiting"] + row["lost"] for row in whole) == 0
    await forget(in_its_role.pool, 1, LATER)
    assert await balance(office.pool, SINCE) == whole
    assert {(row["day"], row["subscription"]): row["findings"] for row in whole} == {
        (row["day"], row["subscription"]): row["findings"] for row in before
    }
    rows = await kept(office)
    assert (rows["item"], rows["notice"], rows["attempt"]) == (0, 0, 0)
    assert await open_announcements(office) == {(1, 2), (2, 1), (3, 1), (4, 1), (6, 1), (7, 1), (8, 2)}


async def test_what_is_told_again_stays_until_it_is_told(office: Office) -> None:
    number = await office.subscribe(bounds=MANY)
    await day(office, 0, finding(0), finding(1))
    await deliver(office, days=(0,))
    before = await balance(office.pool, SINCE)
    places = [
        notice["place"]
        for notice in await office.pool.fetch(
            "SELECT place FROM alerting.notice WHERE subscription = $1", number
        )
    ]
    await replay(office.pool, number, places=places[:1], parked=False, since=None)
    await forget(office.pool, 1, LATER)
    assert (await kept(office))["notice"] == 2 + 2, "one of the day is due, so the day is not settled"
    await deliver(office, days=(0,))
    await forget(office.pool, 1, LATER)
    assert (await kept(office))["notice"] == 0
    assert await balance(office.pool, SINCE) == before


async def test_who_has_ended_a_subscription_keeps_nothing(office: Office) -> None:
    """Its notices that were never delivered are for nobody."""
    await office.subscribe(bounds=MANY)
    await day(office, 0, finding(0))
    await unsubscribe(office.pool, "街道")
    before = await balance(office.pool, SINCE)
    assert [row["subscription"] for row in before] == ["stream"]
    await forget(office.pool, 1, LATER)
    assert await balance(office.pool, SINCE) == before
    rows = await kept(office)
    assert (rows["item"], rows["notice"]) == (0, 0)


async def test_places_go_on_where_they_were(office: Office) -> None:
    """A subscription begins behind the last place: what is forgotten must not make that a smaller one."""
    await day(office, 0, finding(0), finding(0, "withdrawn", 2))
    last = await office.pool.fetchval("SELECT max(place) FROM alerting.announcement")
    await forget(office.pool, 1, LATER)
    assert await office.pool.fetchval("SELECT max(place) FROM alerting.announcement") == last
    await office.subscribe(bounds=MANY)
    await day(office, 101, finding(1))
    [row] = [row for row in await balance(office.pool, SINCE) if row["subscription"] == "街道"]
    assert row["findings"] == row["in_notices"] == 1
