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


def handed(direction: str, day: str, to: str, kind: str | None = None, no: str = "C1") -> Raw:
    more = {} if kind is None else {"custodian_kind": kind}
    return fact(
        "custody.handed_over",
        f"handed-{no}-{day}",
        custody_no=no,
        household_no="H",
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
    """Ways in which a fact may come and go; whether it counts."""
    differs = {**bare, "data": bare["data"] | {"valid_to": "2022-02-27"}}
    return {
        "twice": ([bare, bare], True),
        "voided": ([bare, void(bare)], False),
        "void first": ([void(bare), bare], False),
        "two contents": ([bare, differs], False),
        "two contents, one voided": ([bare, differs, void(differs, version=True)], True),
    }
