"""The ledgers as plain folds over the facts: payments, recipients, custody, petitions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from tests.oracle.facts import Fact
from tests.oracle.membership import Household, households_of
from tests.oracle.persons import canonical_account_number, person_key

PETITIONS_SINCE = date(2018, 1, 1)


@dataclass(frozen=True)
class PaymentRow:
    """One payment that was made, whether it came back (`returned_on`) or not. `division`: None if unknown."""

    event_id: str
    payment_no: str
    household_no: str
    programme: str
    division: str | None
    month: str
    paid_on: date
    amount_fen: int
    kind: str
    account: str
    holder_name: str
    batch_no: str
    returned_on: date | None
    twice: bool


@dataclass(frozen=True)
class MemberRow:
    """One person's membership in a spell, for `from_month` ≤ m < `to_month`."""

    person: str
    name: str
    relation: str | None
    from_month: str
    to_month: str | None
    exit_kind: str | None


@dataclass(frozen=True)
class SpellRow:
    """One spell, with its members; `exit_kind` is that of the exit which ended it, None where none did.

    `entitlement_fen` is the one stated last within the spell.
    """

    household_no: str
    programme: str
    division: str | None
    from_month: str
    to_month: str | None
    route: str
    decided_on: date
    exit_kind: str | None
    ended_on: date | None
    entitlement_fen: int | None
    twice: bool
    members: tuple[MemberRow, ...]


@dataclass(frozen=True)
class CustodyRow:
    """The latest grant of a custody_no, and the first end that was stated."""

    custody_no: str
    household_no: str
    division: str | None
    beneficiary: str
    custodian: str
    custodian_kind: str
    account: str
    agreement_no: str | None
    filed_on: date | None
    valid_from: date
    valid_to: date
    ended_on: date | None
    twice: bool


@dataclass(frozen=True)
class PetitionRow:
    """A petition; `repeats` names the earlier ones, filed since 2018, that it repeats, earliest first."""

    petition_no: str
    petitioner: str | None
    household_no: str | None
    division: str
    filed_on: date
    kind: str
    matter_code: str
    closed_on: date | None
    outcome: str | None
    repeats: tuple[str, ...]
    twice: bool


def day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def by_business_date(facts: Iterable[Fact], kind: str) -> list[Fact]:
    """The facts of one kind, by business date, then event id."""
    return sorted(
        (fact for fact in facts if fact.kind == kind), key=lambda fact: (fact.business_date, fact.event_id)
    )


def times_of(facts: Iterable[Fact], kind: str, *fields: str) -> Counter[object]:
    """How many facts of one kind state a number."""
    numbers = (tuple(fact.data[name] for name in fields) for fact in facts if fact.kind == kind)
    return Counter(number if len(number) > 1 else number[0] for number in numbers)


def division_of(fact: Fact, households: dict[str, Household]) -> str | None:
    """The division that the fact carries, else that of the household's enrolment."""
    if "division" in fact.data:
        return str(fact.data["division"])
    household = households.get(fact.data.get("household_no", ""))
    return household.division if household else None


def payments(facts: Iterable[Fact]) -> list[PaymentRow]:
    """Every payment, by paid_on, then event id."""
    facts = list(facts)
    households = households_of(facts)
    returned_on: dict[str, date] = {}
    for fact in by_business_date(facts, "payments.returned"):
        returned_on.setdefault(fact.data["payment_no"], fact.business_date)
    times = times_of(facts, "payments.paid", "payment_no")
    return [
        PaymentRow(
            event_id=fact.event_id,
            payment_no=fact.data["payment_no"],
            household_no=fact.data["household_no"],
            programme=fact.data["programme"],
            division=division_of(fact, households),
            month=fact.data["month"],
            paid_on=fact.business_date,
            amount_fen=fact.data["amount_fen"],
            kind=fact.data["kind"],
            account=canonical_account_number(fact.data["account"]["number"]),
            holder_name=fact.data["account"]["holder_name"],
            batch_no=fact.data["batch_no"],
            returned_on=returned_on.get(fact.data["payment_no"]),
            twice=times[fact.data["payment_no"]] > 1,
        )
        for fact in by_business_date(facts, "payments.paid")
    ]


def exit_kind(fact: Fact | None) -> str | None:
    """The kind of an exit; None for a removal, which is not an exit."""
    return str(fact.data["exit_kind"]) if fact and fact.kind == "enrollment.exited" else None


def recipients(facts: Iterable[Fact]) -> list[SpellRow]:
    """Every spell, by household, programme and month; its members in order of joining, then person."""
    facts = list(facts)
    times = times_of(facts, "enrollment.enrolled", "household_no", "programme", "from_month")
    rows = []
    for household in households_of(facts).values():
        for spell in household.spells:
            stated = spell.statements_by("9999-12")
            entitlements = [fact.data["entitlement_fen"] for fact in stated if "entitlement_fen" in fact.data]
            rows.append(
                SpellRow(
                    household_no=spell.household_no,
                    programme=spell.programme,
                    division=spell.enrolled.data.get("division"),
                    from_month=spell.from_month,
                    to_month=spell.to_month,
                    route=spell.enrolled.data["route"],
                    decided_on=spell.enrolled.business_date,
                    exit_kind=exit_kind(spell.ended_by),
                    ended_on=spell.ended_by.business_date if spell.ended_by else None,
                    entitlement_fen=entitlements[-1] if entitlements else None,
                    twice=times[spell.household_no, spell.programme, spell.from_month] > 1,
                    members=tuple(
                        MemberRow(
                            stay.person,
                            stay.name,
                            stay.relation,
                            stay.from_month,
                            stay.to_month,
                            exit_kind(stay.left_by),
                        )
                        for stay in sorted(spell.stays, key=lambda stay: (stay.from_month, stay.person))
                    ),
                )
            )
    return rows


def custody(facts: Iterable[Fact]) -> list[CustodyRow]:
    """Every custody, by its number."""
    facts = list(facts)
    households = households_of(facts)
    ended_on: dict[str, date] = {}
    for fact in by_business_date(facts, "custody.ended"):
        ended_on.setdefault(fact.data["custody_no"], fact.business_date)
    times = times_of(facts, "custody.granted", "custody_no")
    latest = {fact.data["custody_no"]: fact for fact in by_business_date(facts, "custody.granted")}
    return [
        CustodyRow(
            custody_no=custody_no,
            household_no=fact.data["household_no"],
            division=division_of(fact, households),
            beneficiary=person_key(fact.data["beneficiary"], fact.source),
            custodian=person_key(fact.data["custodian"], fact.source),
            custodian_kind=fact.data["custodian_kind"],
            account=canonical_account_number(fact.data["account_number"]),
            agreement_no=fact.data.get("agreement_no"),
            filed_on=day(fact.data.get("filed_on")),
            valid_from=date.fromisoformat(fact.data["valid_from"]),
            valid_to=date.fromisoformat(fact.data["valid_to"]),
            ended_on=ended_on.get(custody_no),
            twice=times[custody_no] > 1,
        )
        for custody_no, fact in sorted(latest.items())
    ]


def petitions(facts: Iterable[Fact]) -> list[PetitionRow]:
    """Every petition, by filed_on, then event id, each with the earlier ones that it repeats.

    A petition repeats an earlier one about the same matter_code, from the same petitioner or household.
    """
    facts = list(facts)
    closed = {fact.data["petition_no"]: fact for fact in by_business_date(facts, "petitions.closed")}
    filed = {fact.data["petition_no"]: fact for fact in by_business_date(facts, "petitions.filed")}
    times = times_of(facts, "petitions.filed", "petition_no")
    rows: list[PetitionRow] = []
    for fact in by_business_date(filed.values(), "petitions.filed"):
        closing = closed.get(fact.data["petition_no"])
        petitioner = fact.data.get("petitioner")
        row = PetitionRow(
            petition_no=fact.data["petition_no"],
            petitioner=person_key(petitioner, fact.source) if petitioner else None,
            household_no=fact.data.get("household_no"),
            division=fact.data["division"],
            filed_on=fact.business_date,
            kind=fact.data["kind"],
            matter_code=fact.data["matter_code"],
            closed_on=closing.business_date if closing else None,
            outcome=closing.data["outcome"] if closing else None,
            repeats=(),
            twice=times[fact.data["petition_no"]] > 1,
        )
        earlier = tuple(before.petition_no for before in rows if is_same_matter(before, row))
        rows.append(PetitionRow(**{**vars(row), "repeats": earlier}))
    return rows


def is_same_matter(earlier: PetitionRow, later: PetitionRow) -> bool:
    """Whether the earlier petition, filed since 2018, is about the same matter of the same people."""
    same_people = (earlier.petitioner is not None and earlier.petitioner == later.petitioner) or (
        earlier.household_no is not None and earlier.household_no == later.household_no
    )
    return earlier.filed_on >= PETITIONS_SINCE and same_people and earlier.matter_code == later.matter_code
