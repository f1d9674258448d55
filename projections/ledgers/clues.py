"""Clues on both tracks, and what became of them (问题线索, R66, R68). Who accuses is not kept."""

from collections.abc import Iterable

from sqlalchemy import Boolean, Column, Date, Index, Integer, PrimaryKeyConstraint, Table, Text

from events.envelope import Event
from events.words import shown
from projections.fact import METADATA, Row, given, version, version_columns
from projections.ledger import EVENT_ID, HOUSEHOLD, TWICE, VILLAGE, Heading, Ledger, Month, Totals

CLUE_STEP = Table(
    "clue_step",
    METADATA,
    *version_columns(),
    Column("kind", Text, nullable=False, comment="the type without context and version"),
    Column("clue_no", Text, nullable=False),
    Column("day", Date, nullable=False, comment="of business"),
    Column("household_no", Text),
    Column("petition_no", Text),
    Column("track", Text),
    Column("origin", Text),
    Column("about", Text, comment="of which kind the clue is"),
    Column("named", Boolean, comment="whether the informant gave a name"),
    Column("result", Text, comment="of a verification"),
    Column("informant_answered_on", Date),
    Column("body", Text, comment="who verified, took over, opened the case or decided, or to whom it went"),
    Column("case_no", Text),
    Column("measure", Text, comment="by which somebody was held accountable"),
    PrimaryKeyConstraint("event_id", "digest"),
)
Index("clue_step_clue_no", CLUE_STEP.c.clue_no)
_RECEIVED = CLUE_STEP.c.kind == "received"
Index("clue_step_order", CLUE_STEP.c.day, CLUE_STEP.c.clue_no, postgresql_where=_RECEIVED)
Index("clue_step_household", CLUE_STEP.c.household_no, postgresql_where=_RECEIVED)

CLUE_CADRE = Table(
    "clue_cadre",
    METADATA,
    *version_columns(),
    Column("ordinal", Integer, nullable=False),
    Column("person_id", Text, nullable=False),
    PrimaryKeyConstraint("event_id", "digest", "ordinal"),
    info={"several": "cadres"},
    comment="cadres whom a transfer concerns, and who were held accountable or exempted",
)

_DAYS = {
    "received": "received_on",
    "verified": "verified_on",
    "transferred": "transferred_on",
    "taken_over": "taken_over_on",
    "case_opened": "opened_on",
    "held_accountable": "decided_on",
    "exempted": "decided_on",
}
_BODIES = ("verified_by", "to_body", "body", "authority")


def stepped(event: Event) -> Iterable[Row]:
    """Return the row of a step of a clue, and one for every cadre it names; neither informant nor text."""
    data = event.data
    kind = event.entry.verb
    yield (
        CLUE_STEP,
        (
            *version(event),
            kind,
            data.clue_no,
            getattr(data, _DAYS[kind]),
            *given(data, "household_no", "petition_no", "track", "origin", "kind", "named"),
            *given(data, "result", "informant_answered_on"),
            next(filter(None, given(data, *_BODIES)), None),
            *given(data, "case_no", "measure"),
        ),
    )
    cadres = [data.person] if kind in ("held_accountable", "exempted") else getattr(data, "cadres", ())
    for ordinal, cadre in enumerate(cadres):
        yield CLUE_CADRE, (*version(event), ordinal, cadre.person_id)


LEDGER = Ledger(
    title="问题线索台账",
    rows={f"dibao.clues.{kind}.v1": stepped for kind in _DAYS},
    columns=(
        Heading("clue_no", "线索编号"),
        Heading("received_on", "受理日期"),
        Heading("track", "受理部门", words=shown("clues.received", "track")),
        Heading("origin", "来源", words=shown("clues.received", "origin")),
        Heading("about", "类型", words=shown("clues.received", "kind")),
        Heading("named", "是否实名", listed=False),
        HOUSEHOLD,
        Heading("petition_no", "信访编号", listed=False),
        Heading("verified_on", "查证日期"),
        Heading("result", "查证结果", words=shown("clues.verified", "result")),
        Heading("informant_answered_on", "答复举报人日期", listed=False),
        Heading("transferred_on", "移交日期"),
        Heading("to_body", "移交至", listed=False),
        Heading("taken_over_on", "接收日期", listed=False),
        Heading("case_no", "案件编号", listed=False),
        Heading("opened_on", "立案日期"),
        Heading("decided_on", "处理日期"),
        Heading("accountable", "问责人数"),
        Heading("exempted", "免责人数", listed=False),
        Heading(
            "status",
            "状态",
            words={
                "received": "待查证",
                "verified": "已查证",
                "transferred": "已移交",
                "taken_over": "纪检已接收",
                "case_opened": "已立案",
                "decided": "已处理",
            },
        ),
        TWICE,
        VILLAGE,
        EVENT_ID,
    ),
    order=(("received_on", "date"), ("clue_no", "text")),
    area="village",
    household="household_no",
    housed=False,
    month=Month("the month in which it came in", day="received_on"),
    totals=Totals(("accountable", "exempted")),
)
