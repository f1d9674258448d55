"""Which facts count: repeats, conflicts, voids, and the cut by business date."""

from __future__ import annotations

import itertools
import uuid
from datetime import date

import pytest

from tests.oracle.facts import Raw, conflicts, live_facts
from tests.oracle.stating import WANG, adopted, died, enrolled, filed, paid, state, voided, with_data

PAYMENT = paid("2021-03", account={"number": "6217000000000001", "holder_name": "王一"})
OTHER = with_data(PAYMENT, amount_fen=1)


def digest_of(raw: Raw) -> str:
    """A digest good enough for two versions that differ in their amount."""
    return f"amount-{raw['data']['amount_fen']}"


def amounts(*raws: Raw) -> list[int]:
    """The amounts that count, which must be the same in every order."""
    outcomes = [
        [fact.data["amount_fen"] for fact in live_facts(order, digest_of=digest_of)]
        for order in itertools.permutations(raws)
    ]
    assert all(outcome == outcomes[0] for outcome in outcomes)
    return outcomes[0]


def test_event_id_is_made_of_source_and_id() -> None:
    fact = live_facts([PAYMENT])[0]
    assert fact.event_id == str(uuid.uuid5(uuid.NAMESPACE_URL, f"/example/payments\n{PAYMENT['id']}"))


def test_the_same_content_in_other_dress_is_a_repeat() -> None:
    enrolment = enrolled(WANG | {"local_no": None}, entitlement_fen=90000)
    person = {"name": "王一", "id_number": " 50010219920928６０28 "}
    dressed = with_data(
        enrolment,
        members=[{"person": person, "relation": "家属", "entitlement_fen": None}],
        account={"number": "6217 0000 0000 0001", "holder_name": "王一", "institution": False},
        entitlement_fen=90000.0,
    ) | {"time": "2020-12-20T01:00:00Z"}
    assert len(live_facts([enrolment, dressed])) == 1
    assert conflicts([enrolment, dressed]) == []


def test_another_instant_is_another_content() -> None:
    assert len(conflicts([PAYMENT, PAYMENT | {"time": "2021-03-25T09:00:00Z"}])) == 1


def test_of_two_contents_none_counts_until_one_is_voided_by_its_digest() -> None:
    assert amounts(PAYMENT, OTHER, PAYMENT) == []
    assert amounts(PAYMENT, OTHER, voided(PAYMENT, digest="amount-1")) == [90000]
    assert amounts(PAYMENT, OTHER, voided(PAYMENT, digest="amount-90000")) == [1]
    assert amounts(PAYMENT, OTHER, voided(PAYMENT)) == []
    assert conflicts([PAYMENT, OTHER, voided(PAYMENT)], digest_of) == []


def test_a_void_with_the_digest_of_no_version_undoes_nothing() -> None:
    assert amounts(PAYMENT, voided(PAYMENT, digest="amount-7")) == [90000]
    with pytest.raises(ValueError, match="digest_of"):
        live_facts([PAYMENT, voided(PAYMENT, digest="amount-7")])


def test_a_void_may_come_first_be_repeated_but_not_conflict_or_be_voided() -> None:
    void = voided(PAYMENT)
    assert amounts(void, PAYMENT, void) == []
    assert amounts(void, PAYMENT, with_data(void, reason="重复录入")) == [90000]
    assert amounts(void, PAYMENT, voided(void)) == []


def test_until_cuts_by_business_date_but_voids_and_conflicts_are_settled_before() -> None:
    until = date(2021, 3, 31)
    assert live_facts([PAYMENT], until=date(2021, 3, 24)) == []
    assert len(live_facts([PAYMENT], until=date(2021, 3, 25))) == 1
    assert live_facts([PAYMENT, voided(PAYMENT, time="2021-12-01")], until=until) == []
    assert live_facts([PAYMENT, with_data(PAYMENT, paid_on="2021-04-01")], until=until) == []


def test_business_dates() -> None:
    late = state("enrollment.members_changed", "2021-03-31", {}) | {"time": "2021-03-31T16:30:00Z"}
    facts = [
        adopted("death.grace_months", 4, "2021-05-01"),
        died(WANG, "2021-02-03"),
        filed("X", "2021-01-09"),
    ]
    dates = {fact.kind: fact.business_date.isoformat() for fact in live_facts([*facts, late])}
    assert dates == {
        "policy.adopted": "2021-05-01",
        "vitals.died": "2021-02-03",
        "petitions.filed": "2021-01-09",
        "enrollment.members_changed": "2021-04-01",
    }
