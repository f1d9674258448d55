"""What detection asks of PostgreSQL: facts, marks, days, sweeps and findings."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID
from zlib import crc32

import asyncpg
import orjson

from services.detection.facts.fact import kind_of
from services.detection.subjects import DECLARED
from services.detection.tables import FINDING
from tests.simulation.postgres import ALONE, SHARED, Answer, Lock, Row, Transaction, Waits
from tests.simulation.statements import EPOCH, Known, declaring

KNOWN: Known = {}
statement = declaring(KNOWN)

_NEIGHBOURLY = {
    kind_of(fact)
    for subject in DECLARED.values()
    for neighbour in subject.neighbours
    for fact in neighbour.facts
}


def _uuid(value: Any) -> UUID:
    return UUID(value) if isinstance(value, str) else UUID(int=value.int)


def _array(text: str) -> list[str]:
    """What stands in an array's text, as ``ingest._array`` writes it."""
    found: list[str] = json.loads(f"[{text[1:-1]}]", strict=False)
    return found


def _uuids(text: str) -> list[UUID]:
    return [UUID(one) for one in _array(text)]


def _texts(joined: str) -> list[str]:
    """What ``database.texts`` has joined."""
    return joined.split("\x1f")[1:]


def _now(tx: Transaction) -> datetime:
    return datetime.fromtimestamp(EPOCH + tx.began, UTC)


def _joined(bodies: Iterable[str]) -> str | None:
    return ",".join(bodies) or None


# Facts


def _event(event_id: UUID, digests: list[UUID], subjects: list[str], **more: Any) -> Row:
    plain: Row = {"voids": [], "targets": [], "receipt": None, "receipts": None}
    return {"event_id": event_id, "digests": digests, "subjects": subjects, **plain, **more}


@statement("insert into event (event_id, digests, voids, targets, subjects, receipt)", "event_id")
def insert(
    tx: Transaction,
    ids: Sequence[Any],
    digests: Sequence[Any],
    subjects: Sequence[str],
    receipts: Sequence[Any],
) -> Waits:
    new = []
    rows = [(_uuid(one), *rest) for one, *rest in zip(ids, digests, subjects, receipts, strict=True)]
    for event_id, digest, said, receipt in sorted(rows, key=lambda row: row[0]):
        yield from tx.lock("event", (event_id,))
        if tx.latest("event", (event_id,)) is None:
            names = said.split("\x1f") if said else []
            kept = None if receipt is None else _uuid(receipt)
            row = _event(event_id, [_uuid(digest)], names, receipt=kept)
            tx.write("event", (event_id,), row)
            new.append((event_id,))
    return new


def _receipts_of(row: Row) -> list[str]:
    more = [] if row["receipt"] is None else [f"{row['digests'][0]}/{row['receipt']}"]
    return [*(row["receipts"] or ()), *more]


@statement(
    "insert into event as e (event_id, digests, voids, targets, subjects, receipts)",
    "event_id simple void_in_conflict",
)
def upsert(tx: Transaction, ids: Sequence[Any], *columns: Sequence[str]) -> Waits:
    found = []
    rows = [(_uuid(one), *said) for one, *said in zip(ids, *columns, strict=True)]
    for event_id, digests, voids, targets, subjects, receipts in sorted(rows):
        key = (event_id,)
        yield from tx.lock("event", key)
        said: dict[str, list[Any]] = {
            "digests": _uuids(digests),
            "voids": _array(voids),
            "targets": _uuids(targets),
            "subjects": _array(subjects),
            "receipts": _array(receipts),
        }
        row = tx.latest("event", key)
        if row is None:
            tx.write("event", key, {"event_id": event_id, "receipt": None, **said})
            found.append((event_id, len(said["digests"]) == 1 and not said["voids"], False))
            continue
        known = {**row, "receipts": _receipts_of(row)}
        if all(set(known[name]) >= set(said[name]) for name in ("digests", "voids", "subjects", "receipts")):
            continue
        after = {name: sorted({*known[name], *said[name]}) for name in said}
        tx.write("event", key, {"event_id": event_id, "receipt": None, **after})
        found.append((event_id, False, bool(after["targets"])))
    return found


@statement("insert into number (number, event_id, digest)")
def claim(tx: Transaction, numbers: Sequence[Any], ids: Sequence[Any], digests: Sequence[Any]) -> Waits:
    done = 0
    rows = [tuple(map(_uuid, row)) for row in zip(numbers, ids, digests, strict=True)]
    for number, event_id, digest in sorted(rows):
        yield from tx.lock("number", (number,))
        if tx.latest("number", (number,)) is None:
            tx.write("number", (number,), {"number": number, "event_id": event_id, "digest": digest})
            done += 1
    return done


@statement("select number, event_id, digest from number", "number event_id digest")
def holders(tx: Transaction, numbers: Sequence[Any]) -> Answer:
    asked = set(map(_uuid, numbers))
    return [
        (row["number"], row["event_id"], row["digest"]) for row in tx.rows("number") if row["number"] in asked
    ]


@statement(
    "select event_id, digests, voids, targets, subjects, receipts from event",
    "event_id digests voids targets subjects receipts",
)
def locked(tx: Transaction, ids: Sequence[Any]) -> Waits:
    asked = set(map(_uuid, ids))
    seen = sorted(row["event_id"] for row in tx.rows("event") if row["event_id"] in asked)
    found = []
    for event_id in seen:
        yield from tx.lock("event", (event_id,))
        row = tx.latest("event", (event_id,))
        assert row is not None
        names = ("event_id", "digests", "voids", "targets", "subjects", "receipts")
        found.append(tuple(row[name] for name in names))
    return found


@statement("select event_id from event where event_id = any($1::uuid[]) and cardinality", "event_id")
def single(tx: Transaction, ids: Sequence[Any]) -> Answer:
    asked = set(map(_uuid, ids))
    return [
        (row["event_id"],)
        for row in tx.rows("event")
        if row["event_id"] in asked and len(row["digests"]) == 1
    ]


def _fact_key(row: Row) -> tuple[Any, ...]:
    return (row["subject"], row["month"], row["event_id"], row["digest"])


@statement("update fact f set live = not f.live", "subject month kind body")
def recompute(tx: Transaction, subjects: Sequence[str], ids: Sequence[Any], counting: Sequence[str]) -> Waits:
    wanted = {
        (subject, _uuid(one)): set(_uuids(digests))
        for subject, one, digests in zip(subjects, ids, counting, strict=True)
    }

    def differs(row: Row | None) -> bool:
        if row is None:
            return False
        digests = wanted.get((row["subject"], row["event_id"]))
        return digests is not None and row["live"] != (row["digest"] in digests)

    changed = []
    for seen in tx.rows("fact"):
        if differs(seen):
            yield from tx.lock("fact", _fact_key(seen))
            row = tx.latest("fact", _fact_key(seen))
            if row is not None and differs(row):
                tx.write("fact", _fact_key(row), {**row, "live": not row["live"]})
                changed.append((row["subject"], row["month"], row["kind"], row["body"]))
    return changed


@statement("insert into fact (subject, month, event_id, digest, kind, body, live, ref)")
def versions(tx: Transaction, *columns: Sequence[Any]) -> Waits:
    done = 0
    for subject, month, one, digest, kind, body, ref in zip(*columns, strict=True):
        row = _fact(subject, month, one, digest, kind, body, live=False, ref=ref)
        yield from tx.lock("fact", _fact_key(row))
        if tx.latest("fact", _fact_key(row)) is None:
            tx.write("fact", _fact_key(row), row)
            done += 1
    return done


def _fact(
    subject: str, month: str, one: Any, digest: Any, kind: str, body: str, *, live: bool, ref: str | None
) -> Row:
    plain = {"subject": subject, "month": month, "kind": kind, "body": body, "live": live, "ref": ref}
    return {"event_id": _uuid(one), "digest": _uuid(digest), **plain}


@statement("insert into fact as f (subject, month, event_id", "subject month kind body live")
def derived(tx: Transaction, *columns: Sequence[Any]) -> Waits:
    found = []
    for subject, month, one, digest, kind, body in zip(*columns, strict=True):
        row = _fact(subject, month, one, digest, kind, body, live=False, ref=None)
        key = _fact_key(row)
        yield from tx.lock("fact", key)
        before = tx.latest("fact", key)
        if before is not None:
            if before["body"] == body:
                continue
            row = {**before, "body": body}
        tx.write("fact", key, row)
        found.append((subject, month, row["kind"], body, row["live"]))
    return found


@statement("copy fact")
def copied(tx: Transaction, rows: list[dict[str, Any]]) -> Waits:
    for said in rows:
        row = {**said, "event_id": _uuid(said["event_id"]), "digest": _uuid(said["digest"])}
        yield from tx.lock("fact", _fact_key(row))
        if tx.latest("fact", _fact_key(row)) is not None:
            raise asyncpg.UniqueViolationError(f"fact {_fact_key(row)}")
        tx.write("fact", _fact_key(row), row)
    return len(rows)


# Who takes facts in


def _flight(number: int, place: int) -> Lock:
    return ("advisory", number, place)


@statement("select place from generate_series(1, $2) as place where pg_try_advisory_xact_lock", "place")
def take_off(tx: Transaction, number: int, places: int) -> Answer:
    for place in range(1, places + 1):
        if tx.try_lock(_flight(number, place)):
            return [(place,)]
    return []


@statement("select pg_advisory_xact_lock($1, 1)", "lock")
def wait_for_a_place(tx: Transaction, number: int) -> Waits:
    yield _flight(number, 1), ALONE
    return [(None,)]


@statement("select pg_advisory_lock_shared($1, place), pg_advisory_unlock_shared", "lock unlock")
def landed(tx: Transaction, number: int, places: int) -> Waits:
    for place in range(1, places + 1):
        yield _flight(number, place), SHARED
        tx.unlock(_flight(number, place))
    return []


# Marks


@statement("insert into dirty (priority, subject, month, kind)")
def mark(tx: Transaction, subjects: str, months: str, kinds: str, priority: int) -> Answer:
    rows = list(zip(_texts(subjects), _texts(months), _texts(kinds), strict=True))
    for subject, month, kind in rows:
        number = tx.number("dirty")
        row = {"id": number, "priority": priority, "subject": subject, "month": month or None, "kind": kind}
        tx.write("dirty", (number,), row)
    return len(rows)


def _free(tx: Transaction, table: str, rows: Iterable[tuple[Any, Row]], limit: int) -> Iterator[Row]:
    """Lock rows, in their order, but for those that others have locked."""
    for key, _ in rows:
        if limit <= 0:
            return
        if tx.try_lock(("row", table, key)) and (row := tx.latest(table, key)) is not None:
            limit -= 1
            yield row


@statement("select subject from dirty where priority = $1 order by id limit $2", "subject")
def head(tx: Transaction, priority: int, limit: int) -> Answer:
    rows = sorted((row["id"], row) for row in tx.rows("dirty") if row["priority"] == priority)
    return [(row["subject"],) for row in _free(tx, "dirty", (((one,), row) for one, row in rows), limit)]


@statement("select ctid, priority, subject, coalesce(month, '') as month", "ctid priority subject month kind")
def claim_marks(tx: Transaction, subjects: Sequence[str]) -> Answer:
    asked = set(subjects)
    rows = [((row["id"],), row) for row in tx.rows("dirty") if row["subject"] in asked]
    return [
        (row["id"], row["priority"], row["subject"], row["month"] or "", row["kind"])
        for row in _free(tx, "dirty", rows, len(rows))
    ]


@statement("delete from dirty where ctid = any($1::tid[])")
def done(tx: Transaction, ids: Sequence[int]) -> Answer:
    for number in ids:
        tx.write("dirty", (number,), None)
    return len(ids)


@statement("select pg_advisory_xact_lock(key) from ( select distinct hashtextextended", "lock")
def lock_subjects(tx: Transaction, subjects: str) -> Waits:
    names = sorted(set(_texts(subjects)), key=lambda name: (crc32(name.encode()), name))
    for name in names:
        yield ("subject", name), ALONE
    return [(None,) for _ in names]


@statement("select distinct w.reader, s.subject, f.month", "reader subject month")
def readers(tx: Transaction, names: Sequence[str], kinds: Sequence[str]) -> Answer:
    subjects = {row["event_id"]: row["subjects"] for row in tx.rows("event")}
    found = {
        (reader, subject, fact["month"])
        for fact in tx.rows("fact")
        if fact["ref"] is not None
        for name, reader in zip(names, kinds, strict=True)
        if fact["ref"] == name
        for subject in subjects.get(fact["event_id"], ())
        if subject.startswith(reader + ":")
    }
    return sorted(found)


@statement("with w as (select * from unnest($1::text[], $2::date[])")
def wakes(tx: Transaction, subjects: Sequence[str], dues: Sequence[date | None]) -> Waits:
    seen = {row["subject"] for row in tx.rows("wake")}
    written = 0
    for subject, due in sorted(zip(subjects, dues, strict=True), key=lambda pair: pair[0]):
        if due is None and subject not in seen:
            continue
        yield from tx.lock("wake", (subject,))
        row = tx.latest("wake", (subject,))
        if due is None:
            if row is not None:
                tx.write("wake", (subject,), None)
        elif row is None or row["due"] != due:
            tx.write("wake", (subject,), {"subject": subject, "due": due})
            written += 1
    return written


# What is read


def _live(tx: Transaction) -> Iterator[Row]:
    return (row for row in tx.rows("fact") if row["live"])


@statement(
    "select w.subject, w.month, f.body from unnest((string_to_array($1::text, e'\\x1f'))[2:], "
    "(string_to_array($2::text, e'\\x1f'))[2:]) as w (subject, month) cross join lateral ( "
    "select string_agg(body, ',') as body from fact where fact.subject = w.subject and fact.month = w.month",
    "subject month body",
)
def of_months(tx: Transaction, subjects: str, months: str) -> Answer:
    asked = list(zip(_texts(subjects), _texts(months), strict=True))
    bodies: dict[tuple[str, str], list[str]] = {pair: [] for pair in asked}
    for row in _live(tx):
        if (found := bodies.get((row["subject"], row["month"]))) is not None:
            found.append(row["body"])
    return [(*pair, ",".join(bodies[pair])) for pair in asked if bodies[pair]]


@statement(
    "select w.subject, w.month, f.body from unnest((string_to_array($1::text, e'\\x1f'))[2:], "
    "(string_to_array($2::text, e'\\x1f'))[2:]) as w (subject, month) cross join lateral ( "
    "select string_agg(body, ',') as body from fact where fact.subject = w.subject and fact.month >= w.month",
    "subject month body",
)
def since(tx: Transaction, subjects: str, months: str) -> Answer:
    asked = list(zip(_texts(subjects), _texts(months), strict=True))
    names = {subject for subject, _ in asked}
    rows = [row for row in _live(tx) if row["subject"] in names and row["kind"] != "link"]
    found = []
    for subject, month in asked:
        bodies = [row["body"] for row in rows if row["subject"] == subject and row["month"] >= month]
        if bodies:
            found.append((subject, month, ",".join(bodies)))
    return found


@statement(
    "select w.subject, f.body from unnest((string_to_array($1::text, e'\\x1f'))[2:]) as w", "subject body"
)
def neighbours(tx: Transaction, subjects: str) -> Answer:
    bodies: dict[str, list[str]] = {subject: [] for subject in _texts(subjects)}
    for row in _live(tx):
        if row["subject"] in bodies and row["kind"] in _NEIGHBOURLY:
            bodies[row["subject"]].append(row["body"])
    return [(subject, ",".join(found)) for subject, found in bodies.items() if found]


@statement("select w.subject, w.month, f.body, f.count", "subject month body count")
def bounded(tx: Transaction, subjects: str, months: str, kind: str, limit: int, least: int) -> Answer:
    found = []
    rows = [row for row in _live(tx) if row["kind"] == kind]
    for subject, month in zip(_texts(subjects), _texts(months), strict=True):
        bodies = [row["body"] for row in rows if (row["subject"], row["month"]) == (subject, month)][:limit]
        if len(bodies) >= least:
            found.append((subject, month, _joined(bodies), len(bodies)))
    return found


@statement("select w.subject, f.month from unnest", "subject month")
def months_of(tx: Transaction, subjects: str, months: str, kind: str) -> Answer:
    rows = [row for row in tx.rows("fact") if row["kind"] == kind]
    return [
        (subject, of)
        for subject, month in zip(_texts(subjects), _texts(months), strict=True)
        for of in sorted(
            {row["month"] for row in rows if row["subject"] == subject and row["month"] >= month}
        )
    ]


def _of(rows: Collection[Row], kind: str) -> str | None:
    found = [row for row in rows if row["subject"].startswith(kind + ":")]
    return _joined(row["body"] for row in sorted(found, key=lambda row: (row["subject"], row["event_id"])))


@statement(
    "select ( select string_agg(body, ',' order by subject, event_id) from fact", "policy years identity day"
)
def circumstances(tx: Transaction) -> Answer:
    rows = list(_live(tx))
    years = sorted(
        (row for row in rows if row["subject"] == "calendar:year"), key=lambda row: row["event_id"]
    )
    identity = sorted(
        (row for row in rows if row["subject"].startswith("identity:")), key=lambda row: row["event_id"]
    )
    return [
        (
            _of(rows, "policy"),
            _joined(row["body"] for row in years),
            _joined(row["body"] for row in identity),
            _latest_day(tx),
        )
    ]


# Days and sweeps


def _latest_day(tx: Transaction) -> date | None:
    return max((row["day"] for row in tx.rows("day")), default=None)


@statement("select max(day) from day", "day")
def latest_day(tx: Transaction) -> Answer:
    return [(_latest_day(tx),)]


@statement("select string_agg(body, ',') from fact where subject = 'calendar:day'", "bodies")
def waiting_days(tx: Transaction) -> Answer:
    days = {row["day"].isoformat() for row in tx.rows("day")}
    return [
        (
            _joined(
                row["body"]
                for row in _live(tx)
                if row["subject"] == "calendar:day" and row["month"] not in days
            ),
        )
    ]


@statement("delete from day where not exists", "day")
def days_gone(tx: Transaction) -> Waits:
    stated = {row["month"] for row in _live(tx) if row["subject"] == "calendar:day"}
    gone = [row["day"] for row in tx.rows("day") if row["day"].isoformat() not in stated]
    found = []
    for day in gone:
        yield from tx.lock("day", (day,))
        if tx.latest("day", (day,)) is not None:
            tx.write("day", (day,), None)
            found.append((day,))
    return found


@statement("insert into day (day)")
def apply_days(tx: Transaction, days: Sequence[date]) -> Waits:
    new = 0
    for day in days:
        yield from tx.lock("day", (day,))
        if tx.latest("day", (day,)) is None:
            tx.write("day", (day,), {"day": day})
            new += 1
    return new


@statement("select string_agg(body, ',') from fact where subject >= 'identity:'", "bodies")
def stated_identity(tx: Transaction) -> Answer:
    return [(_joined(row["body"] for row in _live(tx) if row["subject"].startswith("identity:")),)]


@statement("delete from wake where subject in", "subject")
def wake(tx: Transaction, limit: int) -> Answer:
    latest = _latest_day(tx)
    due = sorted(
        (row["due"], row["subject"]) for row in tx.rows("wake") if latest is not None and row["due"] <= latest
    )
    found = []
    for row in _free(tx, "wake", (((subject,), {}) for _, subject in due), limit):
        assert latest is not None
        if row["due"] <= latest:
            tx.write("wake", (row["subject"],), None)
            found.append((row["subject"],))
    return found


@statement("insert into sweep (cause, kind, month, division_prefix, programme)")
def begin_sweep(
    tx: Transaction, cause: str, kind: str, month: str, prefix: str, programme: str | None
) -> Answer:
    number = tx.number("sweep")
    said = {"cause": cause, "kind": kind, "month": month, "division_prefix": prefix, "programme": programme}
    tx.write("sweep", (number,), {"id": number, **said, "cursor": "", "marked": 0, "done": False})
    return 1


@statement("select string_agg(body, ',') from fact where subject = $1 and live", "bodies")
def standing(tx: Transaction, subject: str) -> Answer:
    return [(_joined(row["body"] for row in _live(tx) if row["subject"] == subject),)]


_SWEEP = "id cause kind month division_prefix programme cursor marked done"


@statement("select * from sweep where not done order by id limit 1", _SWEEP)
def next_sweep(tx: Transaction) -> Answer:
    rows = sorted((row["id"], row) for row in tx.rows("sweep") if not row["done"])
    return [
        tuple(row[name] for name in _SWEEP.split())
        for row in _free(tx, "sweep", (((one,), row) for one, row in rows), 1)
        if not row["done"]
    ]


@statement("select subject from fact where subject > $1", "subject")
def chunk(tx: Transaction, cursor: str, first: str, end: str, month: str, limit: int) -> Answer:
    names = {
        row["subject"]
        for row in tx.rows("fact")
        if row["subject"] > cursor and first <= row["subject"] < end and row["month"] >= month
    }
    return [(name,) for name in sorted(names)[:limit]]


@statement("select w.subject, f.body from unnest($1::text[]) as w (subject)", "subject body")
def scopes(tx: Transaction, subjects: Sequence[str], kinds: Sequence[str]) -> Answer:
    found = []
    for subject in subjects:
        bodies = [
            row["body"]
            for row in tx.rows("fact")
            if row["subject"] == subject and row["month"] == "" and row["kind"] in kinds
        ]
        if bodies:
            found.append((subject, ",".join(bodies)))
    return found


@statement("update sweep set cursor = $2")
def swept(tx: Transaction, number: int, cursor: str, marked: int, is_done: bool) -> Waits:
    yield from tx.lock("sweep", (number,))
    row = tx.latest("sweep", (number,))
    assert row is not None
    tx.write("sweep", (number,), {**row, "cursor": cursor, "marked": row["marked"] + marked, "done": is_done})
    return 1


@statement("select count(*) from sweep where not done", "count")
def sweeps_left(tx: Transaction) -> Answer:
    return [(sum(not row["done"] for row in tx.rows("sweep")),)]


# Findings


_FINDING = [column.name for column in FINDING.columns]


@statement("select anomaly_id, subject, month, state", "anomaly_id subject month state revision content")
def stored(tx: Transaction, subjects: str) -> Answer:
    asked = set(_texts(subjects))
    names = ("anomaly_id", "subject", "month", "state", "revision", "content")
    return [tuple(row[name] for name in names) for row in tx.rows("finding") if row["subject"] in asked]


@statement("select now()", "now")
def now(tx: Transaction) -> Answer:
    return [(_now(tx),)]


@statement("insert into finding as f (anomaly_id, subject, rule")
def save(tx: Transaction, *columns: Sequence[Any]) -> Waits:
    at = _now(tx)
    names = [name for name in _FINDING if name not in ("state", "raised_at", "revised_at", "revision")]
    count = 0
    for values in zip(*columns, strict=True):
        said = dict(zip([*names, "revision"], values, strict=True))
        said["anomaly_id"] = _uuid(said["anomaly_id"])
        for name in ("key", "params", "evidence", "policy"):
            said[name] = orjson.loads(said[name])
        key = (said["anomaly_id"],)
        yield from tx.lock("finding", key)
        row = tx.latest("finding", key)
        if row is None:
            tx.write("finding", key, {**said, "state": "open", "raised_at": at, "revised_at": at})
        else:
            raised = row["raised_at"] if row["state"] == "open" else at
            kept = {name: row[name] for name in ("subject", "rule", "month", "key")}
            tx.write("finding", key, {**said, **kept, "state": "open", "raised_at": raised, "revised_at": at})
        count += 1
    return count


@statement("update finding f set state = 'withdrawn'", " ".join(_FINDING))
def withdraw(tx: Transaction, ids: Sequence[Any], revisions: Sequence[int]) -> Waits:
    found = []
    for one, revision in zip(ids, revisions, strict=True):
        key = (_uuid(one),)
        yield from tx.lock("finding", key)
        row = tx.latest("finding", key)
        if row is not None:
            row = {**row, "state": "withdrawn", "revision": revision, "revised_at": _now(tx)}
            tx.write("finding", key, row)
            found.append(tuple(row[name] for name in _FINDING))
    return found


@statement("select current_setting('max_locks_per_transaction')", "room")
def lock_room(tx: Transaction) -> Answer:
    return [(100_000,)]


@statement("select live from platform.generation where name = $1", "live")
def generation(tx: Transaction, name: str) -> Answer:
    return [(row["live"],) for row in tx.rows("platform.generation") if row["name"] == name]
