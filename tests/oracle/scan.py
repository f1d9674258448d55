"""The open findings of the six rules, by a full scan: the contract's table, line by line."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_FLOOR, Decimal
from typing import Any

from tests.oracle.clauses import check_known
from tests.oracle.facts import DigestOf, Fact, Raw, live_facts
from tests.oracle.membership import Household, Spell, households_of
from tests.oracle.months import month_of, plus_months
from tests.oracle.names import clears, resembles
from tests.oracle.persons import canonical_account_number, person_key
from tests.oracle.policy import Policy, policy_of

SEVERITIES = ("info", "low", "medium", "high")


@dataclass(frozen=True)
class Finding:
    """One open finding. Months are `2021-06`, amounts 分; persons and accounts are readable here."""

    rule: str
    key: dict[str, str]
    severity: str
    params: dict[str, Any]

    @property
    def identity(self) -> tuple[str, ...]:
        """Rule and key, to sort and compare by."""
        return self.rule, *(f"{name}={value}" for name, value in sorted(self.key.items()))


@dataclass(frozen=True)
class Payment:
    """A live payment."""

    household_no: str
    programme: str
    month: str
    paid_on: date
    amount_fen: int
    kind: str
    account: str
    holder_name: str
    institution: bool


@dataclass(frozen=True)
class World:
    """The live facts, grouped once, and the clauses that are turned off."""

    payments: list[Payment]
    households: dict[str, Household]
    died_on: dict[str, date]
    granted: list[Fact]
    ended_on: dict[str, date]
    policy: Policy
    closed_day: date | None
    without: frozenset[str]

    def household(self, household_no: str) -> Household:
        """The household, an empty one where nothing is known of its enrolment."""
        return self.households.get(household_no) or Household(household_no, [], {}, None)

    def policy_value(self, parameter: str, household_no: str, programme: str, month: str) -> Decimal:
        """The policy that holds for this household on the first day of `month`."""
        return self.policy.value(parameter, month, self.household(household_no).division, programme)


def findings(
    raws: Iterable[Raw],
    closed_day: date | None,
    without: Collection[str] = (),
    digest_of: DigestOf | None = None,
) -> list[Finding]:
    """Every open finding after `closed_day` was closed, in order of rule and key.

    `without` names clauses (see `CLAUSES`) that are turned off, in every rule that has them.
    """
    return findings_among(live_facts(raws, digest_of=digest_of, without=without), closed_day, without)


def findings_among(
    live: Iterable[Fact], closed_day: date | None, without: Collection[str] = ()
) -> list[Finding]:
    """The same of facts of which it is known already that they count."""
    check_known(without)
    world = world_of(live, closed_day, without)
    found = [finding for rule in RULES for finding in rule(world)]
    return sorted(found, key=lambda finding: finding.identity)


def world_of(facts: Iterable[Fact], closed_day: date | None, without: Collection[str] = ()) -> World:
    """Groups live facts for the rules."""
    facts = list(facts)
    returned = {fact.data["payment_no"] for fact in facts if fact.kind == "payments.returned"}
    if "returned" in without:
        returned = set()
    return World(
        payments=[
            payment_of(fact)
            for fact in facts
            if fact.kind == "payments.paid" and fact.data["payment_no"] not in returned
        ],
        households=households_of(facts),
        died_on=earliest(
            (person_key(fact.data["person"], fact.source), fact.business_date)
            for fact in facts
            if fact.kind == "vitals.died"
        ),
        granted=sorted(
            (fact for fact in facts if fact.kind == "custody.granted"),
            key=lambda fact: (fact.business_date, fact.event_id),
        ),
        ended_on=earliest(
            (fact.data["custody_no"], fact.business_date) for fact in facts if fact.kind == "custody.ended"
        ),
        policy=policy_of(facts),
        closed_day=closed_day,
        without=frozenset(without),
    )


def payment_of(fact: Fact) -> Payment:
    """A payment as the rules read it."""
    account = fact.data["account"]
    return Payment(
        household_no=fact.data["household_no"],
        programme=fact.data["programme"],
        month=fact.data["month"],
        paid_on=fact.business_date,
        amount_fen=fact.data["amount_fen"],
        kind=fact.data["kind"],
        account=canonical_account_number(account["number"]),
        holder_name=account["holder_name"],
        institution=account.get("institution", False),
    )


def earliest(pairs: Iterable[tuple[str, date]]) -> dict[str, date]:
    """The earliest date for each name."""
    dates: dict[str, date] = {}
    for name, day in pairs:
        dates[name] = min(day, dates.get(name, day))
    return dates


def by_household_month(payments: Iterable[Payment]) -> dict[tuple[str, str, str], list[Payment]]:
    """Payments by household, programme and the month they are for."""
    groups: dict[tuple[str, str, str], list[Payment]] = defaultdict(list)
    for payment in payments:
        groups[payment.household_no, payment.programme, payment.month].append(payment)
    return groups


def household_month_key(household_no: str, programme: str, month: str) -> dict[str, str]:
    return {"household_no": household_no, "programme": programme, "month": month}


# --- paid-after-death ---


def paid_after_death(world: World) -> Iterable[Finding]:
    """A live payment for a month after the month of a member's death."""
    for (household_no, programme, month), payments in by_household_month(world.payments).items():
        spell = world.household(household_no).spell(programme, month)
        if spell is None:
            continue
        members = spell.members(month)
        candidates = members
        if "left" in world.without:
            candidates = {stay.person for stay in spell.stays if stay.from_month <= month}
        dead_before = {person for person in candidates if is_dead_before(world, person, month)}
        for person in sorted(dead_before):
            if members <= dead_before:
                overpaid_fen = sum(payment.amount_fen for payment in payments)
            else:
                overpaid_fen = share_of(spell, person, month)
            yield Finding(
                "paid-after-death",
                household_month_key(household_no, programme, month) | {"person": person},
                severity_after_death(world, household_no, programme, month, world.died_on[person]),
                {"overpaid_fen": overpaid_fen},
            )


def is_dead_before(world: World, person: str, month: str) -> bool:
    """Whether the person died in a month before `month`."""
    if person not in world.died_on:
        return False
    month_of_death = month_of(world.died_on[person])
    if "month_of_death" in world.without:
        return month_of_death <= month
    return month_of_death < month


def share_of(spell: Spell, person: str, month: str) -> int:
    """The person's component, else an equal share of the household's entitlement, rounded down."""
    component = spell.component(person, month)
    if component is not None:
        return component
    return spell.entitlement(month) // len(spell.members(month))


def severity_after_death(world: World, household_no: str, programme: str, month: str, died_on: date) -> str:
    """`info` during the months of grace, `high` after."""
    grace = int(world.policy_value("death.grace_months", household_no, programme, month))
    if "grace" in world.without:
        grace = 0
    return "info" if month <= plus_months(month_of(died_on), grace) else "high"


# --- name-mismatch ---


def name_mismatch(world: World) -> Iterable[Finding]:
    """A live payment to a holder who is no member, and whom no custody clears.

    Several such payments of one key make one finding, with the gravest severity and every failing condition.
    """
    custodies = custodies_by_account(world)
    found: dict[tuple[str, str, str, str], list[tuple[str, set[str]]]] = defaultdict(list)
    for payment in world.payments:
        outcome = mismatch(world, custodies, payment)
        if outcome is not None:
            key = payment.household_no, payment.programme, payment.month, payment.account
            found[key].append(outcome)
    for (household_no, programme, month, account), outcomes in found.items():
        yield Finding(
            "name-mismatch",
            household_month_key(household_no, programme, month) | {"account": account},
            max((severity for severity, _ in outcomes), key=SEVERITIES.index),
            {"custody_fails": sorted({condition for _, conditions in outcomes for condition in conditions})},
        )


def custodies_by_account(world: World) -> dict[tuple[str, str], list[Fact]]:
    """Every grant, by household and account: an earlier grant clears the payments of its own time."""
    custodies: dict[tuple[str, str], list[Fact]] = defaultdict(list)
    for fact in world.granted:
        account = canonical_account_number(fact.data["account_number"])
        custodies[fact.data["household_no"], account].append(fact)
    return custodies


def mismatch(
    world: World, custodies: dict[tuple[str, str], list[Fact]], payment: Payment
) -> tuple[str, set[str]] | None:
    """Severity and the failing conditions of a custody, or None where the payment is in order."""
    if payment.institution and payment.programme == "tekun" and "institution" not in world.without:
        return None
    household = world.household(payment.household_no)
    members = members_for_names(world, household, payment)
    names = {name for person in members for name in household.names[person]}
    if clears(payment.holder_name, names, exact_only="normalised" in world.without):
        return None
    failing: list[set[str]] = []
    if "custody" not in world.without:
        failing = [
            failing_conditions(world, custody, payment)
            for custody in custodies.get((payment.household_no, payment.account), [])
            if person_key(custody.data["beneficiary"], custody.source) in members
        ]
    if set() in failing:
        return None
    if resembles(payment.holder_name, names):
        return "low", set()
    if failing:
        # The custody that came nearest; among equals the latest one.
        return "medium", min(reversed(failing), key=len)
    return "high", set()


def members_for_names(world: World, household: Household, payment: Payment) -> set[str]:
    """Members in the month of the payment; where there is none, anyone who ever was or will be one."""
    month = payment.month
    members = household.members(month)
    if not members and "former_member" not in world.without:
        return household.everyone()
    if "any_programme" in world.without:
        spell = household.spell(payment.programme, month)
        members = spell.members(month) if spell else set()
    if "member_account" in world.without:
        members = {spell.stays[0].person for spell in household.spells if spell.covers(month)} & members
    return members


def failing_conditions(world: World, custody: Fact, payment: Payment) -> set[str]:
    """Which conditions this custody fails for this payment; none: it clears."""
    data = custody.data
    ended_on = world.ended_on.get(data["custody_no"])
    conditions = {
        "custodian_name": clears(payment.holder_name, {data["custodian"]["name"]}),
        "valid_from": date.fromisoformat(data["valid_from"]) <= payment.paid_on,
        "valid_to": payment.paid_on <= date.fromisoformat(data["valid_to"]),
        "ended_on": ended_on is None or payment.paid_on <= ended_on,
        "agreement_no": bool(data.get("agreement_no")),
        "filed_on": bool(data.get("filed_on")),
    }
    return {condition for condition, holds in conditions.items() if not holds}


# --- shared-account ---


def shared_account(world: World) -> Iterable[Finding]:
    """Regular payments of two or more households to one account for one month."""
    kinds = kinds_counted(world, "regular")
    payees: dict[tuple[str, str], set[tuple[str, str]]] = defaultdict(set)
    for payment in world.payments:
        if payment.kind not in kinds:
            continue
        if payment.institution and "institution" not in world.without:
            continue
        month = "any" if "same_month" in world.without else payment.month
        programme = payment.programme if "same_household" in world.without else ""
        payees[payment.account, month].add((payment.household_no, programme))
    for (account, month), sharing in payees.items():
        if len(sharing) >= 2:
            households = sorted({household_no for household_no, _ in sharing})
            key = {"account": account, "month": month}
            yield Finding("shared-account", key, "high", {"households": households})


def kinds_counted(world: World, *kinds: str) -> set[str]:
    """The payment kinds that a rule reads, and those whose exemption is turned off."""
    return set(kinds) | {kind for kind in ("arrears", "one_off") if kind in world.without}


# --- unentitled ---


def unentitled(world: World) -> Iterable[Finding]:
    """A regular or arrears payment for a month in no spell of that household and programme."""
    kinds = kinds_counted(world, "regular", "arrears")
    payments = [payment for payment in world.payments if payment.kind in kinds]
    if "arrears" in world.without:
        payments = [
            replace(payment, month=month_of(payment.paid_on)) if payment.kind == "arrears" else payment
            for payment in payments
        ]
    for household_no, programme, month in by_household_month(payments):
        spells = world.household(household_no).spells_in(programme)
        if "enrolled_again" in world.without:
            spells = spells[:1]
        if any(spell.covers(month) for spell in spells):
            continue
        if not spells:
            when = "never"
        elif month < spells[0].from_month:
            when = "before"
        else:
            when = "after"
        yield Finding(
            "unentitled", household_month_key(household_no, programme, month), "high", {"when": when}
        )


# --- large-payment ---


def large_payment(world: World) -> Iterable[Finding]:
    """Regular payments for one month above the multiple of the entitlement that policy allows."""
    kinds = kinds_counted(world, "regular")
    payments = (payment for payment in world.payments if payment.kind in kinds)
    for (household_no, programme, month), group in by_household_month(payments).items():
        spell = world.household(household_no).spell(programme, month)
        if spell is None and "outside_spell" not in world.without:
            continue
        multiple = world.policy_value("large_payment.multiple", household_no, programme, month)
        if "policy" in world.without:
            multiple = Decimal("1.00")
        entitlement = 0
        if spell is not None:
            entitlement = spell.entitlement(spell.from_month if "adjustment" in world.without else month)
        allowed = int((multiple * entitlement).to_integral_value(ROUND_FLOOR))
        excess_fen = sum(payment.amount_fen for payment in group) - allowed
        if excess_fen > 0:
            key = household_month_key(household_no, programme, month)
            yield Finding("large-payment", key, "medium", {"excess_fen": excess_fen})


# --- custody-expired ---


def custody_expired(world: World) -> Iterable[Finding]:
    """A custody not ended, past valid_to on the latest closed day, of a member of that day's month."""
    if world.closed_day is None:
        return
    for custody in world.granted if "renewed" in world.without else latest_grants(world):
        data = custody.data
        valid_to = date.fromisoformat(data["valid_to"])
        if "last_day" in world.without:
            valid_to -= timedelta(days=1)
        if not valid_to < world.closed_day:
            continue
        if data["custody_no"] in world.ended_on and "ended" not in world.without:
            continue
        household = world.household(data["household_no"])
        members = household.members(month_of(world.closed_day))
        if "left" in world.without:
            members = household.everyone()
        if person_key(data["beneficiary"], custody.source) in members:
            key = {"custody_no": data["custody_no"]}
            since = (valid_to + timedelta(days=1)).isoformat()
            yield Finding("custody-expired", key, "medium", {"since": since})


def latest_grants(world: World) -> list[Fact]:
    """The latest grant of each custody_no."""
    return list({fact.data["custody_no"]: fact for fact in world.granted}.values())


RULES = (paid_after_death, name_mismatch, shared_account, unentitled, large_payment, custody_expired)
