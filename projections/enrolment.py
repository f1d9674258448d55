"""Who belongs to which household, from when and until when, as it was stated (R2, R15)."""

from collections.abc import Iterable, Iterator

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

from events.envelope import Event
from projections.fact import METADATA, Row, RowsOf, version, version_columns
from projections.reach import reach

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


OF_MEMBERS = ("enrolled", "members_changed", "exited")
"""Kinds of enrolment facts of which spells, stays and the village are made."""


KEPT_HOME = Table(
    "kept_home",
    METADATA,
    Column("household_no", Text, nullable=False),
    Column("village", Text),
    *reach(),
    comment="the village of each household's latest enrolment",
)
"""Tables whose name begins with ``kept_`` hold what rows of facts make of a household.

They are made anew, by ``keep`` of ``enrolment.sql``, whenever a fact of the household comes or is voided, in
the same transaction: so they depend on nothing but what is recorded.
"""
Index("kept_home_household", KEPT_HOME.c.household_no)
Index("kept_home_village", KEPT_HOME.c.village, KEPT_HOME.c.household_no)

KEPT_STAY = Table(
    "kept_stay",
    METADATA,
    Column("household_no", Text, nullable=False),
    Column("programme", Text, nullable=False),
    Column("spell", Integer, nullable=False),
    Column("spell_from", Text, nullable=False),
    Column("began_by", Uuid, nullable=False),
    Column("began_on", Date, nullable=False),
    Column("route", Text),
    Column("village", Text, comment="of the spell"),
    Column("person_id", Text, nullable=False),
    Column("relation", Text),
    Column("from_month", Text, nullable=False),
    Column("to_month", Text),
    Column("joined_by", Uuid, nullable=False),
    Column("left_by", Uuid),
    Column("left_on", Date),
    Column("exit_kind", Text),
    Column("left_village", Text),
    Column("ended_spell", Boolean, nullable=False),
    *reach(),
    comment="stays of persons in households",
)
Index("kept_stay_household", KEPT_STAY.c.household_no, KEPT_STAY.c.programme)
Index("kept_stay_person", KEPT_STAY.c.person_id)
Index(
    "kept_stay_begun",
    KEPT_STAY.c.programme,
    KEPT_STAY.c.began_on,
    postgresql_where=KEPT_STAY.c.from_month == KEPT_STAY.c.spell_from,
)
Index(
    "kept_stay_left",
    KEPT_STAY.c.programme,
    KEPT_STAY.c.left_on,
    postgresql_where=KEPT_STAY.c.exit_kind.is_not(None),
)

KEPT_SPELL = Table(
    "kept_spell",
    METADATA,
    Column("household_no", Text, nullable=False),
    Column("programme", Text, nullable=False),
    Column("spell", Integer, nullable=False),
    Column("village", Text),
    Column("from_month", Text, nullable=False),
    Column("to_month", Text),
    Column("route", Text),
    Column("began_by", Uuid, nullable=False),
    Column("began_on", Date, nullable=False),
    Column("ended_by", Uuid),
    Column("ended_on", Date),
    Column("exit_kind", Text),
    Column("ended_village", Text, comment="as the fact that ended it states it"),
    Column("members", JSONB, nullable=False),
    *reach(),
    comment="spells of households",
)
Index("kept_spell_household", KEPT_SPELL.c.household_no, KEPT_SPELL.c.programme, KEPT_SPELL.c.spell)
Index("kept_spell_begun", KEPT_SPELL.c.programme, KEPT_SPELL.c.began_on)
Index(
    "kept_spell_ended",
    KEPT_SPELL.c.programme,
    KEPT_SPELL.c.ended_on,
    postgresql_where=KEPT_SPELL.c.exit_kind.is_not(None),
)
Index(
    "kept_spell_village",
    KEPT_SPELL.c.village,
    KEPT_SPELL.c.household_no,
    KEPT_SPELL.c.programme,
    KEPT_SPELL.c.spell,
)


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
