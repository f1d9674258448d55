"""Who receives the allowance: what was stated, and the spells and stays that follow (R2, R15)."""

from collections.abc import Iterable, Iterator

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, PrimaryKeyConstraint, Table, Text

from events.envelope import Event
from projections.fact import METADATA, Row, version, version_columns
from projections.ledger import HOUSEHOLD, PROGRAMME, TWICE, VILLAGE, Heading, Ledger, Month

ENROLMENT = Table(
    "enrolment",
    METADATA,
    *version_columns(),
    Column("kind", Text, nullable=False, comment="the type without context and version"),
    Column("household_no", Text, nullable=False),
    Column("programme", Text, nullable=False),
    Column("month", Text, nullable=False, comment="from_month, or stop_month of an exit"),
    Column("entitlement_fen", BigInteger, comment="of the household, a month"),
    Column("route", Text),
    Column("scope", Text, comment="of an exit: household or member"),
    Column("exit_kind", Text),
    Column("account_id", Text),
    Column("bank", Text),
    Column("institution", Boolean),
    PrimaryKeyConstraint("event_id", "digest"),
)
Index("enrolment_household", ENROLMENT.c.household_no, ENROLMENT.c.programme)

ENROLMENT_PERSON = Table(
    "enrolment_person",
    METADATA,
    *version_columns(),
    Column("ordinal", Integer, nullable=False),
    Column("part", Text, nullable=False, comment="joins, leaves or share"),
    Column("person_id", Text, nullable=False),
    Column("relation", Text),
    Column("entitlement_fen", BigInteger, comment="this person's own part, a month"),
    PrimaryKeyConstraint("event_id", "digest", "ordinal"),
    info={"several": "persons"},
)
Index("enrolment_person_person", ENROLMENT_PERSON.c.person_id)


def stated(event: Event) -> Iterable[Row]:
    """Return the row of an enrolment fact and one for every person it names."""
    data = event.data
    kind = event.type.split(".")[2]
    account = getattr(data, "account", None)
    yield (
        ENROLMENT,
        (
            *version(event),
            kind,
            data.household_no,
            data.programme,
            data.stop_month if kind == "exited" else data.from_month,
            getattr(data, "entitlement_fen", None),
            getattr(data, "route", None),
            getattr(data, "scope", None),
            getattr(data, "exit_kind", None),
            account.account_id if account else None,
            account.bank if account else None,
            account.institution if account else None,
        ),
    )
    prefix = version(event)
    for ordinal, person in enumerate(_persons(event, kind)):
        yield ENROLMENT_PERSON, (*prefix, ordinal, *person)


def _persons(event: Event, kind: str) -> Iterator[tuple[str, str, str | None, int | None]]:
    data = event.data
    if kind == "enrolled" or kind == "members_changed":
        for member in data.members if kind == "enrolled" else data.added:
            yield "joins", member.person.person_id, member.relation, member.entitlement_fen
    if kind == "members_changed":
        for removal in data.removed:
            yield "leaves", removal.person.person_id, None, None
    if kind == "exited":
        for person in data.members or ():
            yield "leaves", person.person_id, None, None
    if kind == "entitlement_adjusted":
        for component in data.components or ():
            yield "share", component.person.person_id, None, component.entitlement_fen


EXIT_KINDS = {"favour": "关系保、人情保", "policy": "政策保", "death": "死亡", "other": "其他"}

LEDGER = Ledger(
    title="保障对象台账",
    rows={
        f"dibao.enrollment.{kind}.v1": stated
        for kind in ("enrolled", "members_changed", "entitlement_adjusted", "account_changed", "exited")
    },
    columns=(
        HOUSEHOLD,
        PROGRAMME,
        Heading("spell", "保障期"),
        Heading("from_month", "起始月"),
        Heading("to_month", "停发月"),
        Heading("member_count", "人数"),
        Heading("entitlement_fen", "核定金额(元/月)"),
        Heading(
            "route",
            "纳入方式",
            words={"ordinary": "普通", "single_person": "参照单人户", "epidemic": "受疫情影响"},
        ),
        Heading("exit_kind", "退出类型", words=EXIT_KINDS),
        TWICE,
        VILLAGE,
        Heading("members", "成员", listed=False, words=EXIT_KINDS, sealed=True),
        Heading("began_on", "纳入决定日期", listed=False),
        Heading("ended_on", "终止日期", listed=False),
        Heading("began_by", "纳入事实", listed=False),
        Heading("ended_by", "终止事实", listed=False),
    ),
    order=(("household_no", "text"), ("programme", "text"), ("spell", "int")),
    area="village",
    household="household_no",
    programme="programme",
    month=Month("a month that the spell covers; members and entitlement are those of this month"),
)
