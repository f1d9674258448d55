"""Anomalies: the open set, one explained, and the stream of announcements."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg

from projections.fact import METADATA
from projections.labels import SEVERITIES
from services.platform.database import Connection
from services.reporting.bell import Bell
from services.reporting.catalogue import Catalogue, catalogue, read_catalogue
from services.reporting.filters import AnomalyFilter, WrongQuestionError, cursor_of, integer_of, values_of
from services.reporting.paging import STREET_DIGITS, Page, Question, Row
from services.reporting.reach import check_everywhere, check_within, innermost, own_area
from services.reporting.reading import reading, require_closed

FIELDS = (
    "rule",
    "anomaly_id",
    "revision",
    "state",
    "severity",
    "key",
    "params",
    "evidence",
    "evidence_count",
    "raised_at",
    "revised_at",
)
"""The object of the contract, in its order."""

_MORE = ("household_no", "village", "rule_version", "holds_since")


async def anomalies(pool: asyncpg.Pool, filters: AnomalyFilter | None = None) -> Page:
    """Return anomalies: the contract's fields, household and village, title and sentence.

    By rule and id, unless ``sort`` says by what before.

    Raises WrongQuestionError where there is no such rule.
    """
    filters = filters or AnomalyFilter()
    words = await catalogue(pool, filters.as_of)
    words.require(filters.rule)

    def said(row: Any) -> Row:
        found = words.said(row)
        found.pop(_WEIGHT, None)
        return found

    return await question_of(filters).page(
        pool,
        as_of=filters.as_of,
        after=filters.after,
        limit=filters.limit,
        household_no=filters.household_no,
        row_of=said,
    )


async def of_household(connection: Connection, household_no: str, as_of: date | None) -> list[Row]:
    """Return every anomaly of a household, open or withdrawn, within a reading."""
    words = await read_catalogue(connection, as_of)
    asked = question_of(AnomalyFilter(state=None, household_no=household_no, as_of=as_of))
    return [words.said(row) for row in await asked.rows(connection)]


_WEIGHT = "weight"
_WEIGHED = f"array_position(ARRAY[{str([*SEVERITIES])[1:-1]}], severity) AS {_WEIGHT}"
"""Severities are words, which are sorted by what they mean."""

_STATING = "anomaly_id = ANY (ARRAY(SELECT anomaly_id FROM anomaly_event WHERE {0}))"
"""An announcement may state a village itself."""


def question_of(filters: AnomalyFilter) -> Question:
    """Return the select of anomalies under their conditions."""
    question = Question(
        "anomalies",
        f"SELECT {', '.join((*FIELDS, *_MORE))} FROM anomaly_state($1)",
        (("rule", "text"), ("anomaly_id", "uuid")),
        [filters.as_of],
        sort=filters.sort,
    )
    if question.sort is not None and question.sort.endswith("severity"):
        question.select = f"SELECT * FROM (SELECT a.*, {_WEIGHED} FROM ({question.select}) AS a) AS weighed"
        question.sort = question.sort.replace("severity", _WEIGHT)
    question.given("rule = ${0}", filters.rule)
    question.given("state = ${0}", filters.state)
    question.given("severity = ${0}", filters.severity)
    question.within("village", own_area())
    question.within("village", filters.village)
    question.at_home("household_no", innermost(filters.village), STREET_DIGITS, _STATING)
    question.given("household_no = ${0}", filters.household_no)
    question.narrow |= filters.household_no is not None
    return question


_THEN = ("revision", "severity", "params", "evidence_count", "rule_version")


async def changes(pool: asyncpg.Pool, since: date, filters: AnomalyFilter | None = None) -> Page:
    """Return what is another since the close of a day, by (rule, id): anomalies as they are now, with a verb.

    ``verb``: raised, not open then; revised, open then with another content; withdrawn, no longer open. What
    came and went in between is no change. ``then_revision``, ``then_severity``, ``then_params``,
    ``then_evidence_count`` and ``then_sentence`` are what was open then, None of what was not. ``state`` and
    the rest of the filters are of now, ``severity`` of now or then. Raises WrongQuestionError where ``as_of``
    is no later day, or there is no such rule.
    """
    filters = filters or AnomalyFilter(state=None)
    if filters.sort is not None:
        raise WrongQuestionError("sort", "nothing, where since is asked for")
    if filters.as_of is not None and filters.as_of <= since:
        raise WrongQuestionError("since", f"a day before {filters.as_of}")
    words = await catalogue(pool, filters.as_of)
    words.require(filters.rule)
    now = ", ".join(f"n.{column}" for column in (*FIELDS, *_MORE))
    then = ", ".join(f"t.{column} AS then_{column}" for column in _THEN)
    question = Question(
        "changes",
        f"""
        SELECT * FROM (
            SELECT CASE WHEN n.state <> 'open' THEN 'withdrawn' WHEN t.revision IS NULL THEN 'raised'
                   ELSE 'revised' END AS verb, {now}, {then}
            FROM anomaly_state($1) n
            LEFT JOIN anomaly_state($2) t ON t.anomaly_id = n.anomaly_id AND t.state = 'open'
            WHERE n.revision IS DISTINCT FROM t.revision AND (n.state = 'open' OR t.revision IS NOT NULL)
        ) AS c
        """,
        (("rule", "text"), ("anomaly_id", "uuid")),
        [filters.as_of, since],
        whole=True,
    )
    question.given("rule = ${0}", filters.rule)
    question.given("state = ${0}", filters.state)
    question.given("starts_with(village, ${0})", own_area())
    question.given("(severity = ${0} OR then_severity = ${0})", filters.severity)
    question.given("starts_with(village, ${0})", filters.village)
    question.given("household_no = ${0}", filters.household_no)

    def said(row: Row) -> Row:
        changed = words.said(row)
        version = changed.pop("then_rule_version")
        if version is None:
            return {**changed, "then_sentence": None}
        before = {**changed, "rule_version": version, "params": row["then_params"], "state": "open"}
        return {**changed, "then_sentence": replace(words, closed=since).said(before)["sentence"]}

    return await question.page(
        pool,
        as_of=filters.as_of,
        since=since,
        after=filters.after,
        limit=filters.limit,
        household_no=filters.household_no,
        row_of=said,
    )


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why an anomaly is there.

    ``anomaly``: as in a list, with the ``policy`` values used; of one that the last backtest has found and
    that was never announced ``state`` is ``tried``, and revision 0;
    ``evidence``: the facts that any revision rests on (``revisions``: which), and the voids that undo some of
    them, in order of (business date, event id), each with what the projection keeps of it and whether it
    still counts (``status``: counts, voided, set_aside, void); ``revisions``: every announcement, with what
    it said, in the words of the version of the rule that found it.
    """

    anomaly: Row
    evidence: list[Row] = field(default_factory=list)
    revisions: list[Row] = field(default_factory=list)


async def explain(pool: asyncpg.Pool, anomaly_id: UUID, as_of: date | None = None) -> Explanation | None:
    """Return why an anomaly is there, or None where nothing of that id was announced, or tried last."""

    async def ask(connection: Connection) -> Explanation | None:
        await require_closed(connection, as_of)
        found = await connection.fetchrow(
            "SELECT * FROM anomaly_state($2) WHERE anomaly_id = $1", anomaly_id, as_of
        )
        if found is None:
            check_everywhere()
            return await _tried(connection, anomaly_id)
        check_within(found["village"])
        revisions = await connection.fetch(
            """
            SELECT e.revision, e.verb, e.announced_at, e.severity, e.params, e.evidence, e.evidence_count,
                   e.policy, e.rule_version
            FROM anomaly_event e JOIN live(NULL, $2) USING (event_id, digest)
            WHERE e.anomaly_id = $1 ORDER BY e.revision
            """,
            anomaly_id,
            as_of,
        )
        words = await read_catalogue(connection, as_of)
        resting: dict[UUID, list[int]] = {}
        for row in revisions:
            for event_id in row["evidence"]:
                resting.setdefault(event_id, []).append(row["revision"])
        voids = await connection.fetch(_VOIDS, list(resting), as_of)
        facts = await facts_of(connection, [*resting, *(row["event_id"] for row in voids)], as_of)
        return Explanation(
            anomaly=words.said(found),
            evidence=[{**fact, "revisions": resting.get(fact["event_id"], [])} for fact in facts],
            revisions=[_said(words, found, row) for row in revisions],
        )

    return await reading(pool, ask)


def _said(words: Catalogue, anomaly: Any, revision: Any) -> Row:
    # Of what was said then, days overdue are not counted on.
    said = words.said({**anomaly, **revision, "state": "withdrawn"})
    return {**revision, "title": said["title"], "sentence": said["sentence"]}


_VOIDS = "SELECT event_id FROM void_in_force($2) WHERE target = ANY ($1)"

# Not to_regclass, which fails at a schema that may not be used: one that an earlier version has left.
_TRIED = """
SELECT EXISTS (
    SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'detection_backtest' AND c.relname = 'village' AND has_table_privilege(c.oid, 'SELECT')
)
"""


async def _tried(connection: Connection, anomaly_id: UUID) -> Explanation | None:
    """Return why the last backtest has found something, where it did (``dibao backtest``)."""
    if not await connection.fetchval(_TRIED):
        return None
    found = await connection.fetchrow(
        """
        SELECT rule, anomaly_id, 0 AS revision, 'tried' AS state, severity, key, params,
               ARRAY(SELECT jsonb_array_elements_text(evidence)::uuid) AS evidence, evidence_count, policy,
               household_no, village, rule_version, holds_since::date AS holds_since
        FROM detection_backtest.tried LEFT JOIN detection_backtest.village USING (household_no)
        WHERE anomaly_id = $1 ORDER BY trial LIMIT 1
        """,
        anomaly_id,
    )
    if found is None:
        return None
    words = await read_catalogue(connection)
    facts = await facts_of(connection, found["evidence"], None)
    return Explanation(anomaly=words.said(found), evidence=[{**fact, "revisions": []} for fact in facts])


_DETAILS = tuple(
    table.name
    for table in METADATA.tables.values()
    if table.name not in ("fact", "contested", "cut")
    and "digest" in table.columns
    and not table.info.get("only_counted")
)


async def facts_of(connection: Connection, event_ids: Sequence[UUID], as_of: date | None) -> list[Row]:
    """Return facts in order of (business date, event id), whether they count, and what is kept of them."""
    headers = await connection.fetch(
        """
        SELECT f.event_id, f.digest, f.type, f.business_date, f.time, f.source, f.serial, f.household_no,
               f.topic, f.partition, f."offset",
               CASE
                   WHEN f.is_void THEN 'void'
                   ELSE coalesce(reason_against(f.event_id, f.digest, (SELECT cut_of($2))), 'counts')
               END AS status
        FROM recorded($2) f
        WHERE f.event_id = ANY ($1) ORDER BY f.business_date, f.event_id, f.digest
        """,
        event_ids,
        as_of,
    )
    details = await connection.fetch(
        " UNION ALL ".join(
            f"SELECT event_id, digest, '{name}' AS part, to_jsonb(t) - '{{event_id,digest}}'::text[] AS data"
            f' FROM "{name}" t WHERE event_id = ANY ($1)'
            for name in _DETAILS
        ),
        event_ids,
    )
    parts: dict[tuple[UUID, str], dict[str, Any]] = {}
    for row in details:
        data = parts.setdefault((row["event_id"], row["digest"]), {})
        given = {name: value for name, value in row["data"].items() if value is not None}
        several = METADATA.tables[row["part"]].info.get("several")
        if several is not None:
            data.setdefault(several, []).append(given)
        else:
            data.update(given)
    return [{**header, "data": parts.get((header["event_id"], header["digest"]), {})} for header in headers]


@dataclass(frozen=True, slots=True)
class Announcement:
    """One announcement of the stream. ``place``: give it to ``follow`` to go on after this one."""

    place: str
    verb: str
    anomaly: Row


_PAGE = 500


async def follow(bell: Bell, after: str | None = None) -> AsyncGenerator[Announcement]:
    """Yield announcements as the projector writes them, for ever; without ``after`` only new ones.

    ``after`` "" begins with the first ever. A place is a position on the log, so it outlives a rebuild.
    Raises WrongQuestionError where ``after`` is no place.
    """
    places = await reading(bell.pool, _ends) if after is None else _places(after)
    async with bell.heard() as rung:
        while True:
            rung.clear()
            announced = await _after(bell.pool, places)
            for row in announced:
                places[row["partition"]] = row["offset"]
                yield Announcement(_text(places), row["verb"], row)
            if not announced:
                await rung.wait()


def check_place(text: str | None) -> None:
    """Raise WrongQuestionError where ``follow`` could not go on after this place."""
    if text is not None:
        _places(text)


# From partition to partition by the index, and not through all that was ever announced.
_PARTITIONS = """
generate_series(0, (
    SELECT f.partition FROM fact f WHERE f.context = 'anomalies'
    ORDER BY f.partition DESC, f."offset" DESC LIMIT 1
)) AS p (partition)
"""


async def _ends(connection: Connection) -> dict[int, int]:
    rows = await connection.fetch(
        f"""
        SELECT p.partition, last."offset" AS last FROM {_PARTITIONS} CROSS JOIN LATERAL (
            SELECT f."offset" FROM fact f WHERE f.context = 'anomalies' AND f.partition = p.partition
            ORDER BY f.partition DESC, f."offset" DESC LIMIT 1
        ) AS last
        """
    )
    return {row["partition"]: row["last"] for row in rows}


async def _after(pool: asyncpg.Pool, places: dict[int, int]) -> list[Row]:
    async def ask(connection: Connection) -> list[Row]:
        rows = await connection.fetch(
            f"""
            SELECT f.partition, f."offset", e.verb, e.rule, e.rule_version, e.anomaly_id, e.revision,
                   CASE e.verb WHEN 'withdrawn' THEN 'withdrawn' ELSE 'open' END AS state, e.severity, e.key,
                   e.params, e.evidence, e.evidence_count, e.announced_at AS revised_at, e.household_no,
                   e.holds_since,
                   coalesce(e.village, h.village) AS village
            FROM {_PARTITIONS}
            LEFT JOIN unnest($1::int[], $2::bigint[]) AS seen (partition, last) USING (partition)
            CROSS JOIN LATERAL (
                SELECT f.* FROM fact f
                WHERE f.context = 'anomalies' AND f.partition = p.partition
                  AND f."offset" > coalesce(seen.last, -1)
                ORDER BY f.partition, f."offset" LIMIT $3
            ) AS f
            JOIN anomaly_event e USING (event_id, digest)
            LEFT JOIN household_village(NULL, NULL) h ON h.household_no = e.household_no
            WHERE f.context = 'anomalies' AND f."offset" > coalesce(seen.last, -1)
              AND ($4::text IS NULL OR starts_with(coalesce(e.village, h.village), $4))
            ORDER BY f."offset", f.partition
            LIMIT $3
            """,
            list(places.keys()),
            list(places.values()),
            _PAGE,
            own_area(),
        )
        words = await read_catalogue(connection) if rows else None
        return [words.said(row) for row in rows] if words is not None else []

    return await reading(pool, ask)


def _text(places: dict[int, int]) -> str:
    return cursor_of([f"{partition}:{last}" for partition, last in sorted(places.items())])


def _places(text: str) -> dict[int, int]:
    if not text:
        return {}
    try:
        parts = [value.split(":") for value in values_of(text)]
        return {integer_of(partition): integer_of(offset) for partition, offset in parts}
    except ValueError:
        raise WrongQuestionError("Last-Event-ID", "the id of an announcement of the stream") from None
