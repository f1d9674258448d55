"""Who belongs to which household, from when and until when, as it was stated (R2, R15)."""

from collections.abc import Iterable, Iterator

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, PrimaryKeyConstraint, Table, Text

from events.envelope import Event
from projections.fact import METADATA, Row, RowsOf, version, version_columns

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
    kind = event.entry.verb
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


ROWS: dict[str, RowsOf] = {
    f"dibao.enrollment.{kind}.v1": stated
    for kind in ("enrolled", "members_changed", "entitlement_adjusted", "account_changed", "exited")
}
