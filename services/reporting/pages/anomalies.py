"""Anomalies as pages: the list under its filters, and why one is there."""

from dataclasses import replace
from uuid import UUID

import asyncpg
from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from projections import labels
from projections.ledger import HOUSEHOLD, VILLAGE, Heading
from services.reporting import queries
from services.reporting.filters import SORTS, AnomalyFilter, checked_day
from services.reporting.kinds import Kinds, kind_of
from services.reporting.pages.contents import brief, phase_of
from services.reporting.pages.looks import (
    FILES,
    TOTALS_MS,
    Table,
    address,
    day_of,
    drawn,
    fact_page,
    given,
    groups,
    here,
    sorting,
    table,
    words,
)
from services.reporting.paging import Row

_LIMIT = 50
COLUMNS = (
    Heading("severity", "级别", words=labels.SEVERITIES),
    Heading("title", "规则"),
    Heading("sentence", "说明"),
    HOUSEHOLD,
    VILLAGE,
    Heading("holds_since", labels.heading("holds_since")),
    Heading("raised_at", "预警时间"),
    Heading("state", "状态", words=labels.STATES),
)
"""What a list of anomalies shows."""


def add_anomalies(router: APIRouter, pool: asyncpg.Pool, kinds: Kinds) -> None:
    """Add the list of anomalies, and the page that explains one."""

    @router.get("/pages/anomalies")
    async def anomalies(request: Request) -> Response:
        asked = given(request)
        filters = filters_of(asked)
        by = asked.get("by")
        columns: tuple[Heading, ...] = COLUMNS
        if "since" in asked:
            columns = _CHANGES
            page = await queries.changes(
                pool, checked_day(asked["since"], "since"), replace(filters, state=None, sort=None)
            )
        else:
            page = await queries.anomalies(pool, filters)

        def sorted_by(column: Heading) -> tuple[str | None, str]:
            return sorting(request, _SORTED.get(column.name), falling=column.name in _FALLING)

        within = None if asked.get("totals") or by else TOTALS_MS
        # Of what has changed nothing is counted, unless by groups.
        counted = by or "since" not in asked
        sums = await queries.anomaly_sums(pool, filters, by, within_ms=within) if counted else None
        rules = (await queries.catalogue(pool)).latest
        return drawn(
            request,
            "anomalies.html",
            table=table(
                columns,
                page.rows,
                asked,
                opens=opened,
                opens_text=words()["anomaly"]["title"],
                sorted_by=None if "since" in asked else sorted_by,
            ),
            since="since" in asked,
            count=sums.total[queries.ROWS] if sums else None,
            groups=[(name, _group_titles()[name]) for name in queries.ANOMALY_GROUPS],
            by=_group_titles().get(by or ""),
            grouped=_groups(request, by, sums, {rule.name: rule.title for rule in rules})
            if by and sums
            else None,
            rules=[(rule.name, rule.title) for rule in rules],
            following=here(request, after=page.next) if page.next else None,
            files=[(said, _file(suffix, asked)) for said, suffix in FILES.items()],
        )

    @router.get("/pages/anomalies/{anomaly_id}")
    async def anomaly(request: Request, anomaly_id: UUID) -> Response:
        asked = given(request)
        as_of = day_of(asked, "as_of")
        found = await queries.explain(pool, anomaly_id, as_of)
        if found is None:
            raise HTTPException(404, words()["anomaly"]["none"])
        known, used = await queries.catalogue(pool), found.anomaly.get("policy") or {}
        return drawn(
            request,
            "anomaly.html",
            anomaly=found.anomaly,
            policy=[(*known.parameter(name), value) for name, value in sorted(used.items())],
            evidence=evidence_table(found.evidence, kinds, asked),
            revisions=table(_REVISIONS, found.revisions, asked),
        )


_SORTED = {name: name for name in SORTS} | {"title": "rule"}
"""By what a column of the list is sorted; a rule's title by its name."""
_FALLING = ("severity", "raised_at")
"""Of which people want the most severe, and the newest, first."""

_REVISIONS = (
    Heading("revision", "版次"),
    Heading("verb", "变化", words=labels.VERBS),
    Heading("announced_at", "时间"),
    Heading("severity", "级别", words=labels.SEVERITIES),
    Heading("rule_version", "规则版本"),
    Heading("sentence", "说明"),
)
_EVIDENCE = (
    Heading("business_date", "业务日期"),
    Heading("kind", "事实类型"),
    Heading("said", "内容"),
    HOUSEHOLD,
    Heading("source", "来源系统"),
    Heading("status", "状态", words=labels.FACT_STATUSES),
    Heading("revisions", "依据的版次"),
)
_STORY = (_EVIDENCE[0], Heading("phase", "环节"), *_EVIDENCE[1:-1])


_CHANGES = (
    Heading("verb", "变化", words=labels.VERBS),
    *COLUMNS[:5],
    Heading("then_sentence", "原说明"),
    COLUMNS[5],
)


def filters_of(asked: dict[str, str]) -> AnomalyFilter:
    """Return what a page's parameters ask of anomalies. Raises WrongQuestionError."""
    state = asked.get("state", "open")
    if state not in ("open", "withdrawn", "all"):
        raise queries.WrongQuestionError("state", "one of open, withdrawn, all")
    return AnomalyFilter(
        rule=asked.get("rule"),
        state=None if state == "all" else state,  # type: ignore[arg-type]
        severity=asked.get("severity"),
        village=asked.get("village"),
        household_no=asked.get("household_no"),
        as_of=day_of(asked, "as_of"),
        after=asked.get("after"),
        limit=_LIMIT,
        sort=asked.get("sort"),
    )


def opened(row: Row) -> str:
    """Return the page that explains an anomaly."""
    return f"/pages/anomalies/{row['anomaly_id']}"


def _file(suffix: str, asked: dict[str, str]) -> str:
    offered = ("rule", "state", "severity", "village", "household_no", "as_of", "sort")
    return address(f"/anomalies.{suffix}", **{name: asked[name] for name in offered if name in asked})


def _group_titles() -> dict[str, str]:
    """Return by what anomalies may be grouped, as people read it."""
    return {"rule": "规则", "village": VILLAGE.title, "severity": "级别", "month": "月份"}


def _groups(request: Request, by: str, sums: queries.Sums, titles: dict[str, str]) -> Table:
    """Return the totals of anomalies by group; each leads to its rows."""
    columns = (
        Heading("group", _group_titles()[by]),
        Heading(queries.ROWS, words()["table"]["rows"]),
        Heading(queries.AMOUNT, words()["home"]["amount"]),
    )
    said: dict[str, str] = {"rule": titles, "severity": labels.SEVERITIES}.get(by, {})

    def narrowed(part: str) -> str | None:
        return None if by == "month" else here(request, **{by: part, "by": None, "after": None})

    def named(part: str) -> str:
        return labels.place(part) if by == "village" else said.get(part, part)

    return groups(columns, sums, named, narrowed)


def evidence_table(facts: list[Row], kinds: Kinds, asked: dict[str, str]) -> Table:
    """Return facts in their order, voided ones struck through, each with what is readable in it."""
    rows = [
        {
            **fact,
            "kind": kind_of(kinds, fact["type"]).title,
            "said": brief(kinds, fact["type"], fact["data"]),
            "phase": phase_of(fact["type"]),
        }
        for fact in facts
    ]
    columns = _EVIDENCE if any("revisions" in fact for fact in facts) else _STORY
    struck = [at for at, fact in enumerate(facts) if fact["status"] == "voided"]
    over = asked.get("as_of")
    return table(
        columns, rows, asked, opens=lambda row: fact_page(row["event_id"], as_of=over), struck=struck
    )
