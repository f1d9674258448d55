"""What alerting asks of PostgreSQL: announcements, who is told, notices, attempts and snoozes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from services.alerting.announcement import FIELDS
from services.alerting.subscriptions import COLUMNS
from tests.simulation.postgres import Answer, Row, Transaction, Waits
from tests.simulation.statements import EPOCH, Known, declaring

KNOWN: Known = {}
statement = declaring(KNOWN)

ANNOUNCEMENT, ITEM, NOTICE = "alerting.announcement", "alerting.item", "alerting.notice"
SUBSCRIPTION, SNOOZE, ATTEMPT = "alerting.subscription", "alerting.snooze", "alerting.attempt"
HOME = "household_village"
"""Rows of what is a function of the projection: households, and where they live."""

_KEYS = {
    ANNOUNCEMENT: ("event_id",),
    ITEM: ("subscription", "event_id"),
    NOTICE: ("place",),
    SUBSCRIPTION: ("number",),
    SNOOZE: ("number",),
}
_TAKEN = (
    *("event_id", "topic", "partition", "offset", "anomaly_id", "revision", "verb", "rule", "rule_version"),
    *("subject", "severity", "key", "params", "evidence", "household_no", "village", "trace"),
)


def _change(
    tx: Transaction, table: str, wanted: Callable[[Row], bool], change: Callable[[Row], Row]
) -> Waits:
    """Change the rows that are so, and are still so when they are locked."""
    changed = 0
    for seen in tx.rows(table):
        if not wanted(seen):
            continue
        key = tuple(seen[name] for name in _KEYS[table])
        lock = ("row", table, key)
        held = lock in tx.locks
        yield from tx.lock(table, key)
        row = tx.latest(table, key)
        if row is not None and wanted(row):
            tx.write(table, key, {**row, **change(row)})
            changed += 1
        elif not held:
            tx.unlock(lock)  # PostgreSQL keeps none on a row that is no longer so
    return changed


def _unique(tx: Transaction, index: str, value: Any, row: Any) -> Waits:
    """Wait until it is known that no other row has a value. Raises UniqueViolationError."""
    yield from tx.lock(index, (value,))
    before = tx.latest(index, (value,))
    if before is not None and before["row"] != row:
        raise asyncpg.UniqueViolationError(f"{index} {value}")
    tx.write(index, (value,), {"row": row})
    return None


def _now(tx: Transaction) -> datetime:
    return datetime.fromtimestamp(EPOCH + tx.began, UTC)


# What is announced


@statement("insert into alerting.announcement (event_id, topic")
def take(tx: Transaction, *columns: Sequence[Any]) -> Waits:
    new = 0
    for values in zip(*columns, strict=True):
        row = dict(zip(_TAKEN, values, strict=True))
        key = (row["event_id"],)
        yield from tx.lock(ANNOUNCEMENT, key)
        if tx.latest(ANNOUNCEMENT, key) is None:
            said = {name: orjson.loads(row[name]) for name in ("key", "params")}
            plain = {"taken_at": _now(tx), "place": None, "decided_at": None}
            tx.write(ANNOUNCEMENT, key, {**row, **said, **plain})
            new += 1
    return new


@statement(
    'select a.* from platform."offset" as o cross join lateral', " ".join([*FIELDS, "offset", "partition"])
)
def ready(tx: Transaction, pipeline: str, version: int, most: int) -> Answer:
    read = {
        (row["topic"], row["partition"]): row["next_offset"]
        for row in tx.rows("platform.offset")
        if (row["pipeline"], row["version"]) == (pipeline, version)
    }
    found = [
        row
        for row in tx.rows(ANNOUNCEMENT)
        if row["place"] is None and row["offset"] < read.get((row["topic"], row["partition"]), 0)
    ]
    found.sort(key=lambda row: (row["offset"], row["partition"]))
    return [tuple(row[name] for name in (*FIELDS, "offset", "partition")) for row in found[:most]]


@statement("select live from platform.generation where name = 'projection'", "live")
def projection(tx: Transaction) -> Answer:
    return [(row["live"],) for row in tx.rows("platform.generation") if row["name"] == "projection"]


@statement("select household_no, village from projection_g1.household_village", "household_no village")
def homes(tx: Transaction, households: Sequence[str]) -> Answer:
    return [
        (row["household_no"], row["village"]) for row in tx.rows(HOME) if row["household_no"] in households
    ]


@statement("select coalesce(max(place), 0) from alerting.announcement", "place")
def last_place(tx: Transaction) -> Answer:
    return [(max((row["place"] or 0 for row in tx.rows(ANNOUNCEMENT)), default=0),)]


@statement("update alerting.announcement as a set place = d.place")
def decide(
    tx: Transaction, ids: Sequence[UUID], places: Sequence[int], villages: Sequence[str | None], at: datetime
) -> Waits:
    said = {one: (place, village) for one, place, village in zip(ids, places, villages, strict=True)}
    for one, (place, _) in said.items():
        yield from tx.lock(ANNOUNCEMENT, (one,))
        yield from _unique(tx, f"{ANNOUNCEMENT}.place", place, one)

    def placed(row: Row) -> Row:
        place, village = said[row["event_id"]]
        return {"place": place, "village": village, "decided_at": at}

    return (yield from _change(tx, ANNOUNCEMENT, lambda row: row["event_id"] in said, placed))


@statement("select exists (select from alerting.announcement where place is null)", "exists")
def undecided(tx: Transaction) -> Answer:
    return [(any(row["place"] is None for row in tx.rows(ANNOUNCEMENT)),)]


# Subscriptions and snoozes


_SUBSCRIPTION = f"{COLUMNS.replace(',', '')} window_began sent storm_began"


@statement(f"select {COLUMNS}, window_began, sent, storm_began from alerting.subscription", _SUBSCRIPTION)
def subscriptions(tx: Transaction) -> Answer:
    lasting = sorted(_lasting(tx), key=lambda row: row["number"])
    return [tuple(row[name] for name in _SUBSCRIPTION.split()) for row in lasting]


def _lasting(tx: Transaction) -> Iterator[Row]:
    return (row for row in tx.rows(SUBSCRIPTION) if row["ended_at"] is None)


@statement(
    "update alerting.subscription set window_began = $2, sent = $3, storm_began = $4 where number = $1"
)
def course(tx: Transaction, number: int, window: datetime | None, sent: int, storm: datetime | None) -> Waits:
    after = {"window_began": window, "sent": sent, "storm_began": storm}
    return (yield from _change(tx, SUBSCRIPTION, lambda row: row["number"] == number, lambda _: after))


@statement(
    "update alerting.subscription set resting_until = $2 where number = $1 and resting_until is distinct"
)
def rest(tx: Transaction, number: int, until: datetime | None) -> Waits:
    def differs(row: Row) -> bool:
        return row["number"] == number and bool(row["resting_until"] != until)

    return (yield from _change(tx, SUBSCRIPTION, differs, lambda _: {"resting_until": until}))


@statement(
    "update alerting.snooze set ended_at = $1, ended_why = 'expired' where ended_at is null and until <= $1"
)
def expire(tx: Transaction, now: datetime) -> Waits:
    def over(row: Row) -> bool:
        return row["ended_at"] is None and bool(row["until"] <= now)

    return (yield from _change(tx, SNOOZE, over, lambda _: {"ended_at": now, "ended_why": "expired"}))


@statement("update alerting.snooze set ended_at = $2, ended_why = 'evidence' where number = any ($1)")
def overtake(tx: Transaction, numbers: Sequence[int], now: datetime) -> Waits:
    after = {"ended_at": now, "ended_why": "evidence"}
    return (yield from _change(tx, SNOOZE, lambda row: row["number"] in numbers, lambda _: after))


@statement("update alerting.item as i set snooze = null from alerting.snooze as s")
def release(tx: Transaction) -> Waits:
    ended = {row["number"] for row in tx.rows(SNOOZE) if row["ended_at"] is not None}

    def free(row: Row) -> bool:
        return row["notice"] is None and row["snooze"] in ended

    return (yield from _change(tx, ITEM, free, lambda _: {"snooze": None}))


_SNOOZE = "number subscription anomaly_id evidence until"


@statement(f"select {_SNOOZE.replace(' ', ', ')} from alerting.snooze where ended_at is null", _SNOOZE)
def snoozes(tx: Transaction, anomalies: Sequence[UUID]) -> Answer:
    return [
        tuple(row[name] for name in _SNOOZE.split())
        for row in tx.rows(SNOOZE)
        if row["ended_at"] is None and row["anomaly_id"] in anomalies
    ]


@statement("select min(until) from alerting.snooze where ended_at is null", "until")
def first_to_expire(tx: Transaction) -> Answer:
    return [(min((row["until"] for row in tx.rows(SNOOZE) if row["ended_at"] is None), default=None),)]


@statement("select distinct on (anomaly_id) anomaly_id, evidence, verb from", "anomaly_id evidence verb")
def latest_of(tx: Transaction, anomaly: UUID | None, subject: str | None) -> Answer:
    latest: dict[UUID, Row] = {}
    for row in sorted(tx.rows(ANNOUNCEMENT), key=lambda row: row["revision"]):
        if row["anomaly_id"] == anomaly or row["subject"] == subject:
            latest[row["anomaly_id"]] = row
    return [(one, latest[one]["evidence"], latest[one]["verb"]) for one in sorted(latest)]


@statement("insert into alerting.snooze (subscription, anomaly_id, evidence, until, reason, by)", "number")
def snooze(
    tx: Transaction,
    subscription: int | None,
    anomaly: UUID,
    evidence: str,
    until: datetime,
    reason: str,
    by: str,
) -> Answer:
    number = tx.number(SNOOZE)
    said = {"subscription": subscription, "anomaly_id": anomaly, "evidence": evidence, "until": until}
    plain = {"reason": reason, "by": by, "made_at": _now(tx), "ended_at": None, "ended_why": None}
    tx.write(SNOOZE, (number,), {"number": number, **said, **plain})
    return [(number,)]


# Who is told


@statement("insert into alerting.item (subscription, event_id, place, about, at, snooze)")
def concern(tx: Transaction, *columns: Sequence[Any]) -> Waits:
    names = ("subscription", "event_id", "place", "about", "at", "snooze")
    count = 0
    for values in zip(*columns, strict=True):
        row = dict(zip(names, values, strict=True))
        key = (row["subscription"], row["event_id"])
        yield from tx.lock(ITEM, key)
        if tx.latest(ITEM, key) is not None:
            raise asyncpg.UniqueViolationError(f"item {key}")
        tx.write(ITEM, key, {**row, "notice": None})
        count += 1
    return count


def _waits(row: Row, number: int) -> bool:
    return row["subscription"] == number and row["notice"] is None and row["snooze"] is None


def _waiting(tx: Transaction, number: int) -> list[Row]:
    return sorted((row for row in tx.rows(ITEM) if _waits(row, number)), key=lambda row: row["place"])


@statement("select s.number, i.at from alerting.subscription as s cross join lateral", "number at")
def latest_waiting(tx: Transaction) -> Answer:
    return [
        (one["number"], waiting[-1]["at"]) for one in _lasting(tx) if (waiting := _waiting(tx, one["number"]))
    ]


@statement("select about, min(at) as since from alerting.item", "about since")
def groups(tx: Transaction, number: int, most: int) -> Answer:
    since: dict[str, datetime] = {}
    for row in _waiting(tx, number):
        since[row["about"]] = min(since.get(row["about"], row["at"]), row["at"])
    return [*since.items()][:most]


@statement("select about, at as since from alerting.item", "about since")
def first_group(tx: Transaction, number: int) -> Answer:
    return [(row["about"], row["at"]) for row in _waiting(tx, number)[:1]]


def _is_told(row: Row, number: int, about: str | None, before: datetime | None) -> bool:
    return _waits(row, number) and about in (None, row["about"]) and (before is None or row["at"] < before)


def _told(tx: Transaction, *asked: Any) -> Iterator[tuple[Row, Row]]:
    """Items that a notice is made of, with their announcements, in their order."""
    announced = {row["event_id"]: row for row in tx.rows(ANNOUNCEMENT)}
    items = [row for row in tx.rows(ITEM) if _is_told(row, *asked) and row["event_id"] in announced]
    return ((row, announced[row["event_id"]]) for row in sorted(items, key=lambda row: row["place"]))


_JOINED = "from alerting.item as i join alerting.announcement as a using (event_id)"


@statement(f"select i.event_id, i.at {_JOINED}", "event_id at")
def first_told(tx: Transaction, number: int, about: str | None, before: datetime | None) -> Answer:
    return [(item["event_id"], item["at"]) for item, _ in _told(tx, number, about, before)][:1]


@statement(
    "select coalesce(a.village, '') as village, a.rule, a.rule_version, a.severity, a.verb, count(*)",
    "village rule rule_version severity verb count",
)
def counted(tx: Transaction, number: int, about: str | None, before: datetime | None) -> Answer:
    counts = Counter(
        (one["village"] or "", *(one[name] for name in ("rule", "rule_version", "severity", "verb")))
        for _, one in _told(tx, number, about, before)
    )
    return [(*one, count) for one, count in counts.items()]


@statement(f"select {', '.join(f'a.{name}' for name in FIELDS)} {_JOINED}", " ".join(FIELDS))
def spelt(tx: Transaction, number: int, about: str | None, before: datetime | None) -> Answer:
    return [tuple(one[name] for name in FIELDS) for _, one in _told(tx, number, about, before)]


@statement("select name, version, title, phrases from platform.rule", "name version title phrases")
def rules(tx: Transaction) -> Answer:
    names = ("name", "version", "title", "phrases")
    return [tuple(row[name] for name in names) for row in tx.rows("platform.rule")]


@statement(
    "insert into alerting.notice (id, subscription, kind, content, made_at, state, due_at, trace)", "place"
)
def tell(
    tx: Transaction,
    notice: UUID,
    number: int,
    kind: str,
    content: Any,
    now: datetime,
    state: str,
    trace: str | None,
) -> Waits:
    place = tx.number(NOTICE)
    yield from _unique(tx, f"{NOTICE}.id", notice, place)
    said = {
        "id": notice,
        "subscription": number,
        "kind": kind,
        "content": orjson.loads(orjson.dumps(content)),
    }
    plain = {"tries": 0, "due_at": now, "delivered_at": None}
    tx.write(
        NOTICE, (place,), {"place": place, **said, "made_at": now, "state": state, "trace": trace, **plain}
    )
    return [(place,)]


@statement("update alerting.item as i set notice = $4")
def claim_items(
    tx: Transaction, number: int, about: str | None, before: datetime | None, place: int
) -> Waits:
    def told(row: Row) -> bool:
        return _is_told(row, number, about, before)

    return (yield from _change(tx, ITEM, told, lambda _: {"notice": place}))


@statement("notify dibao_alerts")
def notify(tx: Transaction) -> Answer:
    return 0  # whoever listens looks by himself, too


# Delivery


def _due(tx: Transaction, number: int) -> list[Row]:
    rows = [row for row in tx.rows(NOTICE) if row["subscription"] == number and row["state"] == "due"]
    return sorted(rows, key=lambda row: row["place"])


def _delivered_to(tx: Transaction) -> Iterator[Row]:
    return (row for row in _lasting(tx) if row["channel"] != "stream")


@statement(
    "select n.place, n.id as notice, n.content, n.made_at, n.tries, n.due_at, n.trace, s.id",
    "place notice content made_at tries due_at trace id number channel salt sealed_target sealed_secret",
)
def due(tx: Transaction, now: datetime, most: int) -> Answer:
    found = []
    for one in _delivered_to(tx):
        rows = [row for row in _due(tx, one["number"]) if row["due_at"] <= now]
        if rows and (one["resting_until"] is None or one["resting_until"] <= now):
            first = rows[0]
            notice = [
                first[name] for name in ("place", "id", "content", "made_at", "tries", "due_at", "trace")
            ]
            of = ("id", "number", "channel", "salt", "sealed_target", "sealed_secret")
            found.append((*notice, *(one[name] for name in of)))
    return sorted(found, key=lambda row: row[0])[:most]


@statement("select min(greatest(n.due_at, s.resting_until)) from alerting.subscription as s", "next")
def following(tx: Transaction) -> Answer:
    moments = []
    for one in _delivered_to(tx):
        rows = _due(tx, one["number"])
        if rows:
            first, rests = min(row["due_at"] for row in rows), one["resting_until"]
            moments.append(first if rests is None else max(first, rests))
    return [(min(moments, default=None),)]


@statement("update alerting.notice set tries = tries + 1, due_at = $3 where place = $1", "tries")
def claim(tx: Transaction, place: int, held: datetime, until: datetime) -> Waits:
    def ours(row: Row) -> bool:
        return _of_due(place)(row) and bool(row["due_at"] == held)

    changed = yield from _change(tx, NOTICE, ours, lambda row: {"tries": row["tries"] + 1, "due_at": until})
    row = tx.latest(NOTICE, (place,))
    return [(row["tries"],)] if changed and row is not None else []


@statement("select from alerting.notice where place = $1 for no key update")
def take_turn(tx: Transaction, place: int) -> Waits:
    yield from tx.lock(NOTICE, (place,))
    return [()]


@statement("insert into alerting.attempt (notice, number, at, seconds, outcome, status, error)")
def record(
    tx: Transaction,
    place: int,
    at: datetime,
    seconds: float,
    outcome: str,
    status: int | None,
    error: str | None,
) -> Waits:
    number = max((row["number"] for row in tx.rows(ATTEMPT) if row["notice"] == place), default=0) + 1
    yield from tx.lock(ATTEMPT, (place, number))
    if tx.latest(ATTEMPT, (place, number)) is not None:
        raise asyncpg.UniqueViolationError(f"attempt {number} of {place}")
    said = {"at": at, "seconds": seconds, "outcome": str(outcome), "status": status, "error": error}
    tx.write(ATTEMPT, (place, number), {"notice": place, "number": number, **said})
    return 1


_ATTEMPT = "number at seconds outcome status error"


@statement(f"select {_ATTEMPT.replace(' ', ', ')} from alerting.attempt where notice = $1", _ATTEMPT)
def attempts(tx: Transaction, place: int) -> Answer:
    rows = sorted(
        (row for row in tx.rows(ATTEMPT) if row["notice"] == place), key=lambda row: int(row["number"])
    )
    return [tuple(row[name] for name in _ATTEMPT.split()) for row in rows]


def _of_due(place: int) -> Callable[[Row], bool]:
    return lambda row: row["place"] == place and row["state"] == "due"


@statement("update alerting.notice set state = 'delivered', delivered_at = $2 where place = $1")
def delivered(tx: Transaction, place: int, now: datetime) -> Waits:
    after = {"state": "delivered", "delivered_at": now}
    return (yield from _change(tx, NOTICE, _of_due(place), lambda _: after))


@statement("update alerting.notice set state = 'parked' where place = $1")
def parked(tx: Transaction, place: int) -> Waits:
    return (yield from _change(tx, NOTICE, _of_due(place), lambda _: {"state": "parked"}))


@statement("update alerting.notice set due_at = $2 where place = $1")
def again(tx: Transaction, place: int, at: datetime) -> Waits:
    return (yield from _change(tx, NOTICE, _of_due(place), lambda _: {"due_at": at}))
