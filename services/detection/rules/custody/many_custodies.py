"""many-custodies: one person holds the cards of more households than anybody may (R32)."""

from datetime import date

from services.detection.facts.custody import Ended, Granted, HandedOver
from services.detection.facts.enrollment import Enrolled, Exited, MembersChanged
from services.detection.policy import Parameter
from services.detection.rules import clock
from services.detection.rules.rule import NAMED_CAP, Clauses, Finding, Rule, evidence
from services.detection.subjects import held
from services.detection.subjects.custodian import Custodian


def findings(view: Custodian, without: Clauses = ()) -> list[Finding]:
    """At most one finding a person. The number is that in force on the latest closed day.

    Params: ``cards`` (numbers of the custodies in order, at most 50), ``card_count``, ``households`` (whose
    cards they are, in order, at most 50), ``household_count``, ``most`` (how many households one person may
    hold cards of).
    """
    if view.closed is None:
        return []
    cards = [
        card for card in view.cards(without) if card.holding.kind != "institution" or "institution" in without
    ]
    if not cards:
        return []
    households = {view.household(card.grant.household_no) for card in cards}
    most = view.policy.days(CARDS_PER_CUSTODIAN, view.closed, view.scope_of(cards))
    if len(cards if "one_household" in without else households) <= (0 if "few" in without else most):
        return []
    ids, count, latest = evidence(fact for card in cards for fact in card.facts)
    return [
        Finding(
            rule=NAME,
            key={"person": view.number},
            severity="medium",
            params={
                "cards": sorted(card.grant.custody_no for card in cards)[:NAMED_CAP],
                "card_count": len(cards),
                "households": sorted(households)[:NAMED_CAP],
                "household_count": len(households),
                "most": most,
            },
            evidence=ids,
            evidence_count=count,
            holds_since=latest,
            policy={CARDS_PER_CUSTODIAN.name: most},
        )
    ]


def next_due(view: Custodian) -> date | None:
    """Return the first day whose closing may change the answer."""
    days = [day for number in view.custodies for day in view.turns(view.times(number))]
    return clock.next_turn(view, days, (CARDS_PER_CUSTODIAN,))


NAME = "many-custodies"

CARDS_PER_CUSTODIAN = Parameter(
    name="custody.cards_per_custodian",
    default="2",
    unit="households whose cards one person may hold",
    source="ours",
    title="一人代管卡折户数上限",
    measure="户",
    basis="本系统设定",
)

RULE = Rule[Custodian](
    name=NAME,
    version=2,
    title="一人代管多户卡折",
    phrases=(
        (
            "{person} 代管{household_count}户的卡折：{cards:first_ten}",
            "{person} 代管多户的卡折",
        ),
        "每人至多代管{most}户",
    ),
    requirements=("R32",),
    subject="custodian",
    triggers=frozenset({Granted, HandedOver}),
    neighbours=frozenset({Granted, HandedOver, Ended, Enrolled, MembersChanged, Exited}),
    parameters=(CARDS_PER_CUSTODIAN,),
    key=("person",),
    clauses={
        **held.CLAUSES,
        "not_begun": "a card that is not taken over yet is not held",
        "handed_on": "a card that was handed on is its next holder's",
        "institution": "an institution holds the cards of those who live there",
        "one_household": "cards of one household count once",
        "few": "so many households are allowed",
    },
    findings=findings,
    next_due=next_due,
)
