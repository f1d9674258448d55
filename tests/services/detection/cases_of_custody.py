"""Small facts about cards in other hands, and about officials and their relatives, for examples."""

from __future__ import annotations

from typing import Any

from tests.services.detection.upstream import Raw, adopted, enrolled, exited, fact, granted, person_of, void

HOUSEHOLD = enrolled("H", "甲", "乙", from_month="2020-01", decided_on="2019-12-20")


def card(custodian: str = "丙", kind: str = "relative", **more: Any) -> Raw:
    """The card of 甲 of household H has been in other hands since 2021-03-01; agreed and filed."""
    data: dict[str, Any] = {
        "no": "C1",
        "household_no": "H",
        "beneficiary": "甲",
        "valid_from": "2021-03-01",
        "valid_to": "2022-02-28",
        "filed_on": "2021-03-01",
        "time": "2021-03-01T09:00:00+08:00",
    } | more
    time = data.pop("time")
    return granted(custodian=custodian, custodian_kind=kind, **data) | {"time": time}


def bare_card(custodian: str = "丙", kind: str = "relative", **more: Any) -> Raw:
    """The same without any paper."""
    return card(custodian, kind, **{"agreement_no": None, "filed_on": None, **more})


def taken_back(day: str, no: str = "C1") -> Raw:
    return fact("custody.ended", f"ended-{no}", custody_no=no, household_no="H", ended_on=day, reason="收回")


def handed(direction: str, day: str, to: str, kind: str | None = None, no: str = "C1", of: str = "H") -> Raw:
    more = {} if kind is None else {"custodian_kind": kind}
    return fact(
        "custody.handed_over",
        f"handed-{no}-{day}",
        custody_no=no,
        household_no=of,
        handed_over_on=day,
        direction=f"to_{direction}",
        from_person=person_of("丙"),
        to_person=person_of(to),
        **more,
    )


def agreement(filed_with: str, day: str = "2021-03-20", no: str = "C1") -> Raw:
    return fact(
        "custody.agreement_filed",
        f"agreement-{no}-{day}-{filed_with}",
        custody_no=no,
        household_no="H",
        agreement_no="A2",
        signed_on=day,
        filed_on=day,
        filed_with=filed_with,
    )


def checked(day: str, no: str = "C1") -> Raw:
    return fact(
        "custody.checked",
        f"checked-{no}-{day}",
        custody_no=no,
        household_no="H",
        checked_on=day,
        card_present=True,
        withdrawals_explained=True,
        result="in_order",
    )


def takes_up(day: str, name: str = "丙", no: str = "A1", official_no: str = "O1", **more: Any) -> Raw:
    """Somebody becomes a member of the village committee."""
    data: dict[str, Any] = {
        "appointment_no": no,
        "official_no": official_no,
        "person": person_of(name),
        "body": "村委会",
        "post": "委员",
        "kind": "village_committee",
        "appointed_on": day,
    }
    return fact("officials.appointed", f"appointed-{no}", **(data | more))


def gives_up(day: str, name: str | None = "丙", no: str = "A1", official_no: str = "O1") -> Raw:
    """Somebody leaves a post; the person may be left out, for the number says who it is."""
    data = {"appointment_no": no, "official_no": official_no, "left_on": day, "cause": "term_ended"}
    person: dict[str, Any] = {} if name is None else {"person": person_of(name)}
    return fact("officials.left", f"left-{no}", **data, **person)


def kin_declared(day: str, official: str = "丙", no: str = "Q1", **more: Any) -> Raw:
    """A relative in household H was filed."""
    data: dict[str, Any] = {
        "filing_no": no,
        "household_no": "H",
        "programme": "rural_dibao",
        "official": person_of(official),
        "official_kind": "village_committee",
        "post": "村委会委员",
        "relative": person_of("甲"),
        "relation": "parent",
        "declared_on": day,
    }
    id_ = more.pop("id_", f"declared-{no}-{day}")
    return fact("kinship.declared", id_, **(data | more))


def kin_reviewed(day: str, outcome: str = "lawful", *, visited: bool = True, no: str = "Q1") -> Raw:
    return fact(
        "kinship.reviewed",
        f"reviewed-{no}-{day}",
        filing_no=no,
        household_no="H",
        reviewed_on=day,
        visited=visited,
        outcome=outcome,
    )


def applied(day: str, *, kin: bool = True, no: str = "S1", id_: str = "") -> Raw:
    """Household H asks for 低保, and says whether it is of an official's kin."""
    return fact(
        "enrollment.applied",
        id_ or f"applied-{no}",
        application_no=no,
        household_no="H",
        programme="rural_dibao",
        division="500102008202",
        applicant=person_of("甲"),
        person_count=2,
        applied_on=day,
        channel="window",
        kin_of_official=kin,
    )


def joined(name: str, from_month: str, day: str) -> Raw:
    """Somebody joins household H; it is said on a day."""
    return fact(
        "enrollment.members_changed",
        f"joined-{name}",
        f"{day}T09:00:00+08:00",
        household_no="H",
        programme="rural_dibao",
        from_month=from_month,
        added=[{"person": person_of(name), "relation": "子"}],
    )


def in_force(parameter: str, value: int, day: str, **scope: str) -> Raw:
    """A value of policy from a day on."""
    return adopted(parameter, value, day, f"{parameter}-{day}-{sorted(scope.items())}", **scope)


NOT_HELD = {
    "ended": [taken_back("2021-05-31")],
    "given_back": [handed("beneficiary", "2021-05-31", "甲")],
    "left": [exited("H", "2021-05", decided_on="2021-04-20")],
}
"""By clause: what makes a card of these examples be held no longer on the last of May."""


def other_ways(bare: Raw) -> dict[str, tuple[list[Raw], bool]]:
    """Ways in which the grant of a card may come and go; whether it counts."""
    return other_ways_of(bare, valid_to="2022-02-27")


def other_ways_of(one: Raw, **differently: Any) -> dict[str, tuple[list[Raw], bool]]:
    """Ways in which a fact may come and go, or be stated differently under its id; whether it counts."""
    differs = {**one, "data": one["data"] | differently}
    return {
        "twice": ([one, one], True),
        "voided": ([one, void(one)], False),
        "void first": ([void(one), one], False),
        "two contents": ([one, differs], False),
        "two contents, one voided": ([one, differs, void(differs, version=True)], True),
    }
