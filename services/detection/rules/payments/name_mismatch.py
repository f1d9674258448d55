"""name-mismatch: money to an account whose holder is no member, and whom no custody clears (R26-R28)."""

from collections import defaultdict
from dataclasses import dataclass

from services.detection.facts.custody import Ended, Granted
from services.detection.facts.enrollment import Enrolled, Exited, MembersChanged
from services.detection.facts.payments import Paid, Returned
from services.detection.names import clears, weaker_tier
from services.detection.rules.rule import SEVERITIES, Clauses, Finding, Rule, Severity, evidence
from services.detection.subjects.household import HouseholdView


@dataclass(frozen=True)
class _Mismatch:
    payment: Paid
    severity: Severity
    fails: frozenset[str] = frozenset()
    grant: Granted | None = None
    tier: str | None = None


def findings(view: HouseholdView, without: Clauses = ()) -> list[Finding]:
    """One finding for each household, programme, month and account, of all its mismatched payments.

    The gravest severity counts. Params: ``paid_fen``, ``custody_fails`` (conditions that the nearest custody
    fails: custodian_name, valid_from, valid_to, ended_on, agreement_no, filed_on), ``custodies`` (their
    numbers), ``tier`` (variant or pinyin, where only that matches), ``enrolment`` (unknown, where none of the
    household's is on record, so that nobody can say who its members are).
    """
    by_key: dict[tuple[str, str, str], list[_Mismatch]] = defaultdict(list)
    for payment in view.payments(without):
        mismatch = _mismatch(view, payment, without)
        if mismatch is not None:
            by_key[payment.programme, payment.month, payment.account].append(mismatch)
    found: list[Finding] = []
    for (programme, month, account), mismatches in by_key.items():
        shown_facts, count, _ = evidence(
            [fact for mismatch in mismatches for fact in (mismatch.payment, mismatch.grant)]
        )
        tiers = sorted({mismatch.tier for mismatch in mismatches if mismatch.tier is not None})
        found.append(
            Finding(
                rule=NAME,
                key={
                    "household_no": view.household_no,
                    "programme": programme,
                    "month": month,
                    "account": account,
                },
                month=month,
                severity=max((mismatch.severity for mismatch in mismatches), key=SEVERITIES.index),
                params={
                    "paid_fen": sum(mismatch.payment.amount for mismatch in mismatches),
                    "custody_fails": sorted({name for mismatch in mismatches for name in mismatch.fails}),
                    "custodies": sorted(
                        {mismatch.grant.custody_no for mismatch in mismatches if mismatch.grant is not None}
                    ),
                    "tier": tiers[-1] if tiers else None,
                    "enrolment": None if view.enrolled else "unknown",
                },
                evidence=shown_facts,
                evidence_count=count,
                holds_since=max(mismatch.payment.date for mismatch in mismatches),
                household_no=view.household_no,
            )
        )
    return found


def all_members(view: HouseholdView) -> bool:
    """Whether every account's holder is a member of the month, in whichever programme."""
    return all(clears(payment.holder, view.names_in(payment.month)) for payment in view.all_payments)


def _mismatch(view: HouseholdView, payment: Paid, without: Clauses) -> _Mismatch | None:
    if payment.institution and payment.programme == "tekun" and "institution" not in without:
        return None
    members = _members(view, payment, without)
    names = [name for person in members for name in view.names[person]]
    if clears(payment.holder, names, exact_only="normalised" in without):
        return None
    failing: list[tuple[frozenset[str], Granted]] = []
    if "custody" not in without:
        failing = [
            (_failing_conditions(view, grant, payment), grant)
            for grant in view.grants
            if grant.account == payment.account and grant.beneficiary in members
        ]
    if any(not conditions for conditions, _ in failing):
        return None
    tier = weaker_tier(payment.holder, names)
    if tier is not None:
        return _Mismatch(payment, "low", tier=tier)
    if failing:
        # The custody that came nearest; among equals the latest one.
        conditions, grant = min(reversed(failing), key=lambda item: len(item[0]))
        return _Mismatch(payment, "medium", conditions, grant)
    return _Mismatch(payment, "high")


def _members(view: HouseholdView, payment: Paid, without: Clauses) -> set[str]:
    members = set(view.members(payment.month))
    if not members and "former_member" not in without:
        return set(view.everyone())
    if "any_programme" in without:
        spell = view.spell(payment.programme, payment.month)
        members = set(spell.members(payment.month)) if spell is not None else set()
    if "member_account" in without:
        first = {
            spell.stays[0].person
            for spells in view.spells.values()
            for spell in spells
            if spell.covers(payment.month)
        }
        members &= first
    return members


def _failing_conditions(view: HouseholdView, grant: Granted, payment: Paid) -> frozenset[str]:
    ended = view.ended.get(grant.custody_no)
    conditions = {
        "custodian_name": clears(payment.holder, [grant.custodian]),
        "valid_from": grant.valid_from <= payment.date,
        "valid_to": payment.date <= grant.valid_to,
        "ended_on": ended is None or payment.date <= ended.date,
        "agreement_no": grant.agreement,
        "filed_on": grant.filed,
    }
    return frozenset(name for name, holds in conditions.items() if not holds)


NAME = "name-mismatch"

RULE = Rule[HouseholdView](
    name=NAME,
    version=2,
    title="账户户名不符",
    phrases=(
        (
            "{household_no}户{programme:word}{month:month}发放账户 {account}，{enrolment:word}，户名无从核对",
            "{household_no}户{programme:word}{month:month}发放账户 {account} 的户名不是该户成员",
        ),
        "但{tier:word}",
        "有代管记录但不成立：{custody_fails:words}",
    ),
    requirements=("R26", "R27", "R28"),
    subject="household",
    triggers=frozenset({Paid, Enrolled, MembersChanged, Exited, Granted}),
    neighbours=frozenset({Returned, Ended}),
    key=("household_no", "programme", "month", "account"),
    by_month=True,
    clauses={
        "returned": "a payment that came back was not kept",
        "custody": "a valid custody clears the custodian's name",
        "member_account": "the account of any member will do, not only of the first",
        "any_programme": "a member in another programme of the household is a member",
        "former_member": "where nobody is a member in the month, past and future members will do",
        "normalised": "blanks, width and kind of middle dot do not make another name",
        "institution": "institutions receive for tekun",
    },
    findings=findings,
    clear=all_members,
)
