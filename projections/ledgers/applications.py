"""Applications, stage by stage, up to the decision (申请审批, R36, R50)."""

from collections.abc import Iterable

from sqlalchemy import Boolean, Column, Date, Index, Integer, PrimaryKeyConstraint, Table, Text

from events.envelope import Event
from events.words import shown
from projections.fact import METADATA, Row, given, version, version_columns
from projections.ledger import EVENT_ID, HOUSEHOLD, PROGRAMME, TWICE, VILLAGE, Heading, Ledger, Month, Totals

APPLICATION_STEP = Table(
    "application_step",
    METADATA,
    *version_columns(),
    Column("kind", Text, nullable=False, comment="what was done"),
    Column("application_no", Text, nullable=False),
    Column("household_no", Text, nullable=False),
    Column("programme", Text, nullable=False),
    Column("day", Date, nullable=False, comment="of business"),
    Column("applicant", Text),
    Column("person_count", Integer),
    Column("channel", Text),
    Column("kin_of_official", Boolean),
    Column("delegated", Boolean),
    Column("result", Text, comment="of an investigation"),
    Column("objections", Integer, comment="to what was posted"),
    Column("ground", Text, comment="of a refusal"),
    Column("notified_on", Date, comment="of a refusal"),
    PrimaryKeyConstraint("event_id", "digest"),
)
Index("application_step_application_no", APPLICATION_STEP.c.application_no)
_APPLIED = APPLICATION_STEP.c.kind == "applied"
Index(
    "application_step_order",
    APPLICATION_STEP.c.day,
    APPLICATION_STEP.c.application_no,
    postgresql_where=_APPLIED,
)
Index("application_step_household", APPLICATION_STEP.c.household_no, postgresql_where=_APPLIED)

_DAYS = {
    "applied": "applied_on",
    "investigated": "investigated_on",
    "publicised": "posted_on",
    "refused": "refused_on",
    "enrolled": "decided_on",
}
_FIELDS = (
    *("person_count", "channel", "kin_of_official", "delegated"),
    *("result", "objections", "ground", "notified_on"),
)


def stepped(event: Event) -> Iterable[Row]:
    """Return the row of a step of an application; the applicant as a token, without texts."""
    data = event.data
    kind = event.entry.verb
    if data.application_no is None:  # of an enrolment that grants none
        return
    applicant = getattr(data, "applicant", None)
    yield (
        APPLICATION_STEP,
        (
            *version(event),
            data.kind if kind == "investigated" else f"posted_{data.stage}" if kind == "publicised" else kind,
            data.application_no,
            data.household_no,
            data.programme,
            getattr(data, _DAYS[kind]),
            applicant.person_id if applicant else None,
            *given(data, *_FIELDS),
        ),
    )


LEDGER = Ledger(
    title="申请审批台账",
    rows={f"dibao.enrollment.{kind}.v1": stepped for kind in _DAYS},
    columns=(
        Heading("application_no", "申请编号"),
        Heading("applied_on", "申请日期"),
        HOUSEHOLD,
        PROGRAMME,
        Heading("applicant", "申请人", listed=False, sealed=True),
        Heading("person_count", "人数"),
        Heading("channel", "申请方式", words=shown("enrollment.applied", "channel"), listed=False),
        Heading("kin_of_official", "近亲属申报"),
        Heading("delegated", "委托审批", listed=False),
        Heading("information_check_on", "信息核对日期"),
        Heading("household_visit_on", "入户调查日期"),
        Heading("neighbourhood_on", "邻里访问日期", listed=False),
        Heading("democratic_review_on", "民主评议日期", listed=False),
        Heading("review_posted_on", "评审公示日期"),
        Heading("decided_on", "批准日期"),
        Heading("decision_posted_on", "结果公示日期"),
        Heading("refused_on", "不予批准日期"),
        Heading("ground", "不予批准原因", words=shown("enrollment.refused", "ground"), listed=False),
        Heading("notified_on", "书面告知日期", listed=False),
        Heading("status", "状态", words={"granted": "已批准", "refused": "不予批准", "waiting": "办理中"}),
        Heading("days_taken", "办理天数"),
        TWICE,
        VILLAGE,
        EVENT_ID,
        Heading("decided_by", "决定事实", listed=False),
    ),
    order=(("applied_on", "date"), ("application_no", "text")),
    area="village",
    household="household_no",
    programme="programme",
    month=Month("the month of the application", day="applied_on"),
    totals=Totals(("person_count",)),
)
