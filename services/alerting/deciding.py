"""Who is told of what: one step after the other, each a transaction, one at a time over all workers.

What is announced is decided once the projector has read it: only then is known where its household lives, and
only then the page is there that a notice leads to.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import asyncpg

from projections.schema import PIPELINE, POSITIONS, schema_name
from services.alerting.announcement import FIELDS, Announcement
from services.alerting.folding import Course, Group, Told, Waiting, look, look_again
from services.alerting.notice import Content, Count, day_of, digest_of, notice_id, notice_of
from services.alerting.snoozing import Snooze, ended_by, holding
from services.alerting.subscription import Subscription
from services.alerting.subscriptions import COLUMNS, subscription_of
from services.alerting.words import Rules, read_rules
from services.platform import locks, metrics, tracing
from services.platform.database import Connection, Pool
from services.platform.failure import Patience
from services.platform.fault import Fault
from services.platform.running import pause

CHANNEL = "dibao_alerts"
"""PostgreSQL channel that is notified, with the commit, when notices were made."""

MOST = 1000
"""Announcements that a step decides."""

_LOG = logging.getLogger(__name__)
_IDLE_SECONDS = 5.0
"""After which somebody may have subscribed or ended a snooze."""
_BEHIND_SECONDS = 0.5
_NO_PROJECTION = (
    asyncpg.UndefinedTableError,
    asyncpg.UndefinedFunctionError,
    asyncpg.UndefinedColumnError,
    asyncpg.InvalidSchemaNameError,
)


@dataclass(frozen=True, slots=True)
class Step:
    """What a step did: announcements decided, notices made; and when the next one has something to do.

    ``behind``: there is something to decide that the projector has not read yet. ``found``: how many of the
    announcements concern each subscription; ``told``: of how many a notice was made, by its kind.
    """

    decided: int
    made: int
    next: datetime | None
    behind: bool
    found: Mapping[int, int] = field(default_factory=dict)
    told: Mapping[tuple[int, str], int] = field(default_factory=dict)

    def count(self) -> None:
        """Count it for Prometheus, once it is committed."""
        for number, found in self.found.items():
            metrics.ALERT_FINDINGS.labels(number).inc(found)
        for (number, kind), told in self.told.items():
            metrics.ALERT_TOLD.labels(number, kind).inc(told)


class Decider:
    """Decides until it is stopped. ``made`` is called when there is something to deliver."""

    def __init__(
        self,
        pool: Pool,
        *,
        pages: str = "",
        fault: Fault | None = None,
        made: Callable[[], None] = lambda: None,
    ) -> None:
        self._pool = pool
        self._pages = pages
        self._fault = fault or Fault()
        self._made = made
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Say that something was announced."""
        self._woken.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Decide until ``stop``; a server that is away is waited for."""
        patience = Patience(float("inf"), "Who is told")
        while not stop.is_set():
            self._woken.clear()
            try:
                done = await self.step()
            except Exception as error:
                await patience.wait(error, stop)
                continue
            patience.reset()
            if done.made:
                self._made()
            if done.decided < MOST:
                await self._sleep(stop, done)

    async def _sleep(self, stop: asyncio.Event, done: Step) -> None:
        seconds = _BEHIND_SECONDS if done.behind else _IDLE_SECONDS
        if done.next is not None:
            seconds = min(seconds, max(0.0, (done.next - datetime.now(UTC)).total_seconds()) + 0.01)
        await pause(seconds, stop, self._woken)

    async def step(self, now: datetime | None = None) -> Step:
        """Decide what can be decided now, and make the notices that are due."""
        try:
            async with self._pool.acquire(timeout=10) as connection, connection.transaction():
                await connection.execute("SELECT pg_advisory_xact_lock($1)", locks.ALERTING)
                done = await self._decide(connection, now or datetime.now(UTC))
                self._fault.here("alerting.before_decision")
        except _NO_PROJECTION as error:
            # A rebuild has dropped the generation meanwhile, or there is none yet that this code can ask.
            _LOG.info("who is told waits for the projection: %s", type(error).__name__)
            return Step(0, 0, None, True)
        self._fault.here("alerting.after_decision")
        done.count()
        return done

    async def _decide(self, connection: Connection, now: datetime) -> Step:
        subscriptions = [
            (subscription_of(row), row)
            for row in await connection.fetch(
                f"SELECT {COLUMNS}, window_began, sent, storm_began FROM alerting.subscription"
                " WHERE ended_at IS NULL ORDER BY number"
            )
        ]
        await _expire(connection, now)
        decided, found = await _place(connection, [one for one, _ in subscriptions], now)
        latest = {row["number"]: row["at"] for row in await connection.fetch(_LATEST)}
        made, moments = 0, []
        spread: Counter[tuple[int, str]] = Counter()
        rules: Rules | None = None
        for subscription, row in subscriptions:
            if subscription.number not in latest:
                continue
            course = Course(row["window_began"], row["sent"], row["storm_began"])
            waiting = await _waiting(connection, subscription, course, latest[subscription.number])
            after, told = look(subscription, course, waiting, now)
            moment = now if told else look_again(subscription, after, waiting)
            for one in told:
                rules = rules or await read_rules(connection)
                content = await _make(connection, subscription, one, rules, self._pages, now)
                spread[subscription.number, content["kind"]] += content["announcements"]
            made += len(told)
            if after != course:
                await connection.execute(
                    "UPDATE alerting.subscription SET window_began = $2, sent = $3, storm_began = $4"
                    " WHERE number = $1",
                    subscription.number,
                    after.window,
                    after.sent,
                    after.storm,
                )
            if moment is not None:
                moments.append(moment)
        snoozed = await connection.fetchval("SELECT min(until) FROM alerting.snooze WHERE ended_at IS NULL")
        moments += [snoozed] if snoozed is not None else []
        if made:
            await connection.execute(f"NOTIFY {CHANNEL}")
        left = await connection.fetchval(
            "SELECT EXISTS (SELECT FROM alerting.announcement WHERE place IS NULL)"
        )
        return Step(decided, made, min(moments, default=None), bool(left), found, spread)


async def _expire(connection: Connection, now: datetime) -> None:
    """End the snoozes whose time is over, or that somebody has lifted: what they held waits to be told."""
    await connection.execute(
        "UPDATE alerting.snooze SET ended_at = $1, ended_why = 'expired'"
        " WHERE ended_at IS NULL AND until <= $1",
        now,
    )
    await _release(connection)


async def _release(connection: Connection) -> None:
    await connection.execute(
        "UPDATE alerting.item AS i SET snooze = NULL FROM alerting.snooze AS s"
        " WHERE i.snooze = s.number AND i.notice IS NULL AND s.ended_at IS NOT NULL"
    )


# From partition to partition by the index: of a backlog of millions nobody looks at more than is decided.
_READY = f"""
SELECT a.* FROM platform."offset" AS o CROSS JOIN LATERAL (
  SELECT {", ".join(FIELDS)}, "offset", partition FROM alerting.announcement
  WHERE place IS NULL AND topic = o.topic AND partition = o.partition AND "offset" < o.next_offset
  ORDER BY topic, partition, "offset" LIMIT $3
) AS a
WHERE o.pipeline = $1 AND o.version = $2 ORDER BY a."offset", a.partition LIMIT $3
"""


async def _place(
    connection: Connection, subscriptions: Sequence[Subscription], now: datetime
) -> tuple[int, Counter[int]]:
    """Decide announcements: where they lie, whom they concern, and what a snooze holds back.

    Return how many, and how many of them concern each subscription.
    """
    rows = await connection.fetch(_READY, PIPELINE, POSITIONS, MOST)
    if not rows:
        return 0, Counter()
    homes = await _homes(connection, {row["household_no"] for row in rows if row["household_no"] is not None})
    announcements = [
        Announcement(
            **{name: row[name] for name in FIELDS if name != "village"},
            village=row["village"] or homes.get(row["household_no"]),
        )
        for row in rows
    ]
    last = await connection.fetchval("SELECT coalesce(max(place), 0) FROM alerting.announcement")
    places = range(last + 1, last + 1 + len(announcements))
    await connection.execute(
        "UPDATE alerting.announcement AS a SET place = d.place, village = d.village, decided_at = $4"
        " FROM unnest($1::uuid[], $2::bigint[], $3::text[]) AS d (event_id, place, village)"
        " WHERE a.event_id = d.event_id",
        [one.event_id for one in announcements],
        list(places),
        [one.village for one in announcements],
        now,
    )
    snoozes = [
        Snooze(**row)
        for row in await connection.fetch(
            "SELECT number, subscription, anomaly_id, evidence, until FROM alerting.snooze"
            " WHERE ended_at IS NULL AND anomaly_id = ANY ($1)",
            [one.anomaly_id for one in announcements],
        )
    ]
    items: list[tuple[Any, ...]] = []
    over: set[int] = set()
    for place, one in zip(places, announcements, strict=True):
        ended = ended_by(one, snoozes)
        over |= {snooze.number for snooze in ended}
        snoozes = [snooze for snooze in snoozes if snooze not in ended]
        for subscription in subscriptions:
            if subscription.wanted.takes(one):
                held = holding(one, subscription.number, snoozes, now)
                items.append(
                    (
                        subscription.number,
                        one.event_id,
                        place,
                        subscription.about(one),
                        now,
                        None if held is None else held.number,
                    )
                )
    if items:
        await connection.execute(
            """
            INSERT INTO alerting.item (subscription, event_id, place, about, at, snooze)
            SELECT * FROM
              unnest($1::bigint[], $2::uuid[], $3::bigint[], $4::text[], $5::timestamptz[], $6::bigint[])
            """,
            *map(list, zip(*items, strict=True)),
        )
    if over:
        await connection.execute(
            "UPDATE alerting.snooze SET ended_at = $2, ended_why = 'evidence' WHERE number = ANY ($1)",
            list(over),
            now,
        )
        await _release(connection)
    return len(announcements), Counter(item[0] for item in items)


async def _homes(connection: Connection, households: set[str]) -> Mapping[str, str]:
    """Return where households live, as the live projection knows. Raises one of ``_NO_PROJECTION``."""
    generation = await connection.fetchval("SELECT live FROM platform.generation WHERE name = 'projection'")
    if not households or generation is None:
        return {}
    rows = await connection.fetch(
        f"SELECT household_no, village FROM {schema_name(generation)}.household_village(NULL, NULL)"
        " WHERE household_no = ANY ($1)",
        list(households),
    )
    return {row["household_no"]: row["village"] for row in rows}


_WAITS = "notice IS NULL AND snooze IS NULL"
_LATEST = f"""
SELECT s.number, i.at FROM alerting.subscription AS s CROSS JOIN LATERAL (
  SELECT at FROM alerting.item WHERE subscription = s.number AND {_WAITS} ORDER BY place DESC LIMIT 1
) AS i WHERE s.ended_at IS NULL
"""
_GROUPS = f"""
SELECT about, min(at) AS since FROM alerting.item WHERE subscription = $1 AND {_WAITS}
GROUP BY about ORDER BY min(place) LIMIT $2
"""
_FIRST = f"""
SELECT about, at AS since FROM alerting.item WHERE subscription = $1 AND {_WAITS} ORDER BY place LIMIT 1
"""


async def _waiting(
    connection: Connection, subscription: Subscription, course: Course, latest: datetime
) -> Waiting:
    """Return what of a subscription waits."""
    number = subscription.number
    # In a storm it is enough to know that something waits: of a hundred thousand nobody asks whose they are.
    rows = await (
        connection.fetch(_GROUPS, number, subscription.bounds.most + 1)
        if course.storm is None
        else connection.fetch(_FIRST, number)
    )
    return Waiting([Group(row["about"], row["since"]) for row in rows], latest)


_TOLD = f"""
FROM alerting.item AS i JOIN alerting.announcement AS a USING (event_id)
WHERE i.subscription = $1 AND {_WAITS} AND ($2::text IS NULL OR i.about = $2)
  AND ($3::timestamptz IS NULL OR i.at < $3)
"""
_SPELT = f"""
SELECT {", ".join(f"a.{name}" for name in FIELDS)} {_TOLD} ORDER BY i.place
"""
_COUNTED = f"""
SELECT coalesce(a.village, '') AS village, a.rule, a.rule_version, a.severity, a.verb, count(*) AS count
{_TOLD} GROUP BY 1, 2, 3, 4, 5
"""
_INSERT = """
INSERT INTO alerting.notice (id, subscription, kind, content, made_at, state, due_at, trace)
VALUES ($1, $2, $3, $4, $5, $6, $5, $7) RETURNING place
"""
_FOLLOWED = f"SELECT a.trace {_TOLD} AND a.trace IS NOT NULL ORDER BY i.place LIMIT $4"
_CLAIM = f"""
UPDATE alerting.item AS i SET notice = $4
WHERE i.subscription = $1 AND {_WAITS} AND ($2::text IS NULL OR i.about = $2)
  AND ($3::timestamptz IS NULL OR i.at < $3)
"""


async def _make(
    connection: Connection, subscription: Subscription, told: Told, rules: Rules, pages: str, now: datetime
) -> Content:
    """Make a notice of what waits, and return what it says."""
    asked = (subscription.number, told.about, told.before)
    first = await connection.fetchrow(f"SELECT i.event_id, i.at {_TOLD} ORDER BY i.place LIMIT 1", *asked)
    kind, content = "notice", Content()
    if told.about is None or subscription.channel == "digest":
        counts = [Count(**row) for row in await connection.fetch(_COUNTED, *asked)]
        kind, content = "digest", digest_of(counts, day_of(first["at"]), rules, pages)
    else:
        spelt = [Announcement(**row) for row in await connection.fetch(_SPELT, *asked)]
        content = notice_of(told.about, spelt, rules, pages)
    rows = await connection.fetch(_FOLLOWED, *asked, tracing.LINKS) if tracing.on() else []
    with tracing.span(
        f"tell {kind}",
        "producer",
        of=(row["trace"] for row in rows),
        attributes={"dibao.channel": subscription.channel, "dibao.announcements": content["announcements"]},
    ) as telling:
        trace = telling.context
    place = await connection.fetchval(
        _INSERT,
        notice_id(subscription.id, first["event_id"]),
        subscription.number,
        kind,
        content,
        now,
        "shown" if subscription.channel == "stream" else "due",
        trace,
    )
    await connection.execute(_CLAIM, *asked, place)
    return content
