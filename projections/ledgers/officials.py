"""The leading group and everybody who handles assistance: posts, from when and until when (R7-R13)."""

from collections.abc import Iterable

from sqlalchemy import Boolean, Column, Date, Index, PrimaryKeyConstraint, Table, Text

from events.envelope import Event
from events.words import shown
from projections.fact import METADATA, Row, version, version_columns
from projections.ledger import EVENT_ID, TWICE, VILLAGE, Heading, Ledger, Month

APPOINTMENT = Table(
    "appointment",
    METADATA,
    *version_columns(),
    Column("leaving", Boolean, nullable=False, comment="else taking the post up"),
    Column("appointment_no", Text, nullable=False),
    Column("official_no", Text, nullable=False),
    Column("person", Text),
    Column("body", Text),
    Column("post", Text),
    Column("kind", Text),
    Column("group_role", Text, comment="in the leading group"),
    Column("day", Date, nullable=False),
    Column("document", Text),
    Column("cause", Text, comment="of leaving"),
    PrimaryKeyConstraint("event_id", "digest"),
)
Index("appointment_appointment_no", APPOINTMENT.c.appointment_no)
Index(
    "appointment_order",
    APPOINTMENT.c.day,
    APPOINTMENT.c.appointment_no,
    postgresql_where=~APPOINTMENT.c.leaving,
)


def appointed(event: Event) -> Iterable[Row]:
    """Return the row of an appointment; the person as a token."""
    data = event.data
    yield (
        APPOINTMENT,
        (
            *version(event),
            False,
            data.appointment_no,
            data.official_no,
            data.person.person_id,
            data.body,
            data.post,
            data.kind,
            data.group_role,
            data.appointed_on,
            data.document,
            None,
        ),
    )


def left(event: Event) -> Iterable[Row]:
    """Return the row of an official who leaves a post, without the reason."""
    data = event.data
    yield (
        APPOINTMENT,
        (
            *version(event),
            True,
            data.appointment_no,
            data.official_no,
            data.person.person_id if data.person else None,
            *(None, None, None, None),
            data.left_on,
            None,
            data.cause,
        ),
    )


LEDGER = Ledger(
    title="领导小组与工作人员台账",
    rows={"dibao.officials.appointed.v1": appointed, "dibao.officials.left.v1": left},
    columns=(
        Heading("appointment_no", "任职编号"),
        Heading("official_no", "工作人员编号"),
        Heading("person", "姓名", listed=False, sealed=True),
        Heading("body", "单位"),
        Heading("post", "职务"),
        Heading("kind", "类别", words=shown("officials.appointed", "kind")),
        Heading("group_role", "领导小组职务", words=shown("officials.appointed", "group_role")),
        Heading("appointed_on", "任职日期"),
        Heading("document", "依据文件", listed=False),
        Heading("left_on", "离任日期"),
        Heading("cause", "离任原因", words=shown("officials.left", "cause")),
        TWICE,
        VILLAGE,
        EVENT_ID,
        Heading("left_by", "离任事实", listed=False),
    ),
    order=(("appointed_on", "date"), ("appointment_no", "text")),
    area="village",
    month=Month("the month in which the post was taken up", day="appointed_on"),
)
