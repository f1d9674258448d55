"""single-person-not-offered: the policy for single persons fits somebody, and was not offered (R22)."""

from datetime import date

from services.detection.facts.enrollment import Enrolled, Exited, LeftHousehold, Listed, MembersChanged
from services.detection.facts.policy import PolicyIssued
from services.detection.facts.screening import ScreeningAssessed, ScreeningConcluded, ScreeningListed
from services.detection.rules import clock
from services.detection.rules.rule import Clauses, Finding, Rule, evidence
from services.detection.subjects.screening import Screening

GIVES = "single_person_dibao"
OFFERED = frozenset({"rural_dibao", "urban_dibao", "tekun"})
"""Outcomes that are as good, or better."""


def findings(view: Screening, without: Clauses = ()) -> list[Finding]:
    """At most one finding a screening, by its last conclusion.

    Params: ``policy_no`` (all that fit, in order), ``outcome``, ``concluded_on``.
    """
    listed, concluded = view.listed, view.last(ScreeningConcluded)
    if listed is None or concluded is None:
        return []
    if concluded.outcome in OFFERED and "offered" not in without:
        return []
    fitting = [
        (assessed, policy)
        for assessed in view.of(ScreeningAssessed)
        for policy in view.policies(assessed)
        if policy.gives == GIVES or "another" in without
        if _in_force(policy, assessed.date) or "out_of_force" in without
    ]
    if not fitting or ("member" not in without and _receives(view, concluded)):
        return []
    ids, count, latest = evidence([listed, concluded, *(assessed for assessed, _ in fitting)])
    return [
        Finding(
            rule=NAME,
            key={"screening_no": view.number},
            severity="medium",
            params={
                "policy_no": sorted({policy.policy_no for _, policy in fitting}),
                "outcome": concluded.outcome,
                "concluded_on": concluded.date,
            },
            evidence=ids,
            evidence_count=count,
            holds_since=latest,
            household_no=view.household_no,
        )
    ]


def _in_force(policy: PolicyIssued, day: str) -> bool:
    return policy.date <= day and (policy.to is None or day <= policy.to)


def _receives(view: Screening, concluded: ScreeningConcluded) -> bool:
    return any(one.covers(concluded.date[:7]) for one in view.memberships())


def next_due(view: Screening) -> date | None:
    """Return the day on which what is dated in the future takes effect."""
    return clock.next_due(view, ())


NAME = "single-person-not-offered"

RULE = Rule[Screening](
    name=NAME,
    version=2,
    title="单人保应纳未纳",
    phrases=(
        (
            "摸排 {screening_no} 对象符合单人保政策 {policy_no:first_ten}",
            "摸排 {screening_no} 对象符合单人保政策",
        ),
        "{concluded_on:day}结论为{outcome:word}",
        "未按单人保纳入",
    ),
    requirements=("R22",),
    subject="screening",
    triggers=frozenset({ScreeningListed, ScreeningAssessed, ScreeningConcluded}),
    neighbours=frozenset({Enrolled, MembersChanged, Exited, Listed, LeftHousehold, PolicyIssued}),
    key=("screening_no",),
    clauses={
        "offered": "the person is offered the allowance, or the support of those without means",
        "member": "the person is a member of a household that receives",
        "another": "a policy that gives something else is none for single persons",
        "out_of_force": "a policy does not fit before its first day and after its last",
    },
    findings=findings,
    next_due=next_due,
)
