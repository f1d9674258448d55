"""People without means, strength or family: where they live and who cares for them (特困供养服务, R24)."""

from collections.abc import Iterable

from sqlalchemy import Column, Date, Index, PrimaryKeyConstraint, Table, Text

from events.envelope import Event
from events.words import shown
from projections.fact import METADATA, Row, given, version, version_columns
from projections.ledger import EVENT_ID, HOUSEHOLD, VILLAGE, Heading, Ledger, Month

CARE_STEP = Table(
    "care_step",
    METADATA,
    *version_columns(),
    Column("kind", Text, nullable=False, comment="the type without context and version"),
    Column("household_no", Text, nullable=False),
    Column("person_id", Text, nullable=False),
    Column("day", Date, nullable=False, comment="of business"),
    Column("self_care", Text),
    Column("institution", Text),
    Column("cause", Text, comment="of leaving an institution"),
    Column("agreement_no", Text),
    Column("carer", Text),
    Column("carer_kind", Text),
    Column("valid_from", Date),
    Column("valid_to", Date),
    PrimaryKeyConstraint("event_id", "digest"),
)
Index("care_step_person", CARE_STEP.c.household_no, CARE_STEP.c.person_id)
Index("care_step_token", CARE_STEP.c.person_id)

_DAYS = {
    "central_demanded": "demanded_on",
    "admitted": "admitted_on",
    "discharged": "discharged_on",
    "dispersed_care_begun": "begun_on",
    "care_agreement_signed": "signed_on",
}


def stepped(event: Event) -> Iterable[Row]:
    """Return the row of a step of somebody's care; the person and who cares for them as tokens."""
    data = event.data
    kind = event.entry.verb
    carer = getattr(data, "carer", None)
    yield (
        CARE_STEP,
        (
            *version(event),
            kind,
            data.household_no,
            data.person.person_id,
            getattr(data, _DAYS[kind]),
            *given(data, "self_care", "institution", "cause", "agreement_no"),
            carer.person_id if carer else None,
            *given(data, "carer_kind", "valid_from", "valid_to"),
        ),
    )


LEDGER = Ledger(
    title="特困供养服务台账",
    rows={f"dibao.tekun.{kind}.v1": stepped for kind in _DAYS},
    columns=(
        HOUSEHOLD,
        Heading("person", "对象", sealed=True),
        Heading("self_care", "自理能力", words=shown("tekun.central_demanded", "self_care")),
        Heading(
            "status",
            "供养方式",
            words={
                "central_demanded": "待入住机构",
                "admitted": "集中供养",
                "discharged": "已离院",
                "dispersed_care_begun": "分散供养",
            },
        ),
        Heading("first_on", "首次办理日期", listed=False),
        Heading("demanded_on", "申请入住日期"),
        Heading("admitted_on", "入住日期"),
        Heading("institution", "供养机构"),
        Heading("discharged_on", "离院日期"),
        Heading("cause", "离院原因", words=shown("tekun.discharged", "cause"), listed=False),
        Heading("begun_on", "分散供养日期"),
        Heading("agreement_no", "照料协议"),
        Heading("carer", "照料人", listed=False, sealed=True),
        Heading(
            "carer_kind",
            "照料人类别",
            words=shown("tekun.care_agreement_signed", "carer_kind"),
            listed=False,
        ),
        Heading("signed_on", "签订日期"),
        Heading("valid_from", "协议起始", listed=False),
        Heading("valid_to", "协议终止"),
        VILLAGE,
        EVENT_ID,
    ),
    order=(("household_no", "text"), ("person", "text")),
    area="village",
    household="household_no",
    month=Month("the month of the first step", day="first_on"),
)
