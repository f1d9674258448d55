"""Small facts about who asks, who is looked at again and who leaves, for examples."""

from __future__ import annotations

from typing import Any

from tests.services.detection.upstream import Raw, fact, person_of

_ABOUT = {"application_no": "SQ1", "household_no": "H", "programme": "rural_dibao"}


def applied(day: str = "2021-08-02", id_: str = "applied", **more: Any) -> Raw:
    data: dict[str, Any] = _ABOUT | {
        "division": "500102008202",
        "applicant": person_of("甲"),
        "person_count": 1,
        "applied_on": day,
        "channel": "window",
        "kin_of_official": False,
    }
    return fact("enrollment.applied", id_, **(data | more))


def step(kind: str, day: str, result: str = "eligible") -> Raw:
    data: dict[str, Any] = _ABOUT | {"kind": kind, "investigated_on": day, "result": result}
    return fact("enrollment.investigated", f"{kind}-{day}", **data)


def board(posted_on: str, removed_on: str | None = None, stage: str = "review") -> Raw:
    data: dict[str, Any] = _ABOUT | {"stage": stage, "posted_on": posted_on, "place": "公示栏"}
    if removed_on is not None:
        data["removed_on"] = removed_on
    return fact("enrollment.publicised", f"{stage}-{posted_on}", **data)


def refused(day: str, notified_on: str | None = None, id_: str = "refused", **more: Any) -> Raw:
    data: dict[str, Any] = _ABOUT | {"refused_on": day, "ground": "income", "reason": "收入超标"}
    if notified_on is not None:
        data["notified_on"] = notified_on
    return fact("enrollment.refused", id_, **(data | more))


def compared(
    day: str = "2021-03-01", *, hit: bool = True, stated: str = "", id_: str = "", **more: Any
) -> Raw:
    """A comparison; ``stated``: the day of its ``time``, where it is said again."""
    data: dict[str, Any] = {
        "comparison_no": "BD1",
        "household_no": "H",
        "person": person_of("甲"),
        "compared_on": day,
        "compared_with": "车辆",
        "item": "vehicle",
        "hit": hit,
    }
    stated = stated or day
    return fact(
        "enrollment.compared", id_ or f"compared-{stated}", f"{stated}T09:00:00+08:00", **(data | more)
    )


def looked_into(day: str, review: str = "excluded", stated: str = "", **more: Any) -> Raw:
    return compared(stated=stated or day, review=review, reviewed_on=day, **more)


def reviewed(day: str, kind: str = "periodic", outcome: str = "continue", **more: Any) -> Raw:
    data: dict[str, Any] = {
        "review_no": f"FH-{day}-{kind}",
        "household_no": "H",
        "programme": "rural_dibao",
        "kind": kind,
        "reviewed_on": day,
        "outcome": outcome,
    }
    id_ = more.pop("id_", f"{kind}-{day}-{more.get('programme', '')}")
    return fact("enrollment.reviewed", id_, **(data | more))


def grace(from_month: str, to_month: str, day: str, id_: str = "", **more: Any) -> Raw:
    data: dict[str, Any] = {
        "household_no": "H",
        "programme": "rural_dibao",
        "from_month": from_month,
        "to_month": to_month,
        "cause": "employment",
        "decided_on": day,
    }
    return fact("enrollment.grace_granted", id_ or f"grace-{from_month}", **(data | more))


def divided(*parts: str, day: str = "2021-04-01") -> Raw:
    members = [{"household_no": part, "members": [person_of(part)]} for part in parts]
    return fact("identity.household_split", "divided", household_no="H", parts=members, split_on=day)


def joined(household_no: str, name: str, day: str = "2021-02-01", *, from_month: str = "2021-02") -> Raw:
    """A person joins a household, as was said on a day."""
    return fact(
        "enrollment.members_changed",
        f"joined-{household_no}-{name}",
        f"{day}T09:00:00+08:00",
        household_no=household_no,
        programme="rural_dibao",
        from_month=from_month,
        added=[{"person": person_of(name), "relation": "子"}],
    )


def relief(day: str, name: str = "甲", **more: Any) -> Raw:
    data: dict[str, Any] = {
        "relief_no": f"R-{day}",
        "person": person_of(name),
        "division": "500102008202",
        "cause": "uninsured_unemployed",
        "amount_fen": 100000,
        "granted_on": day,
    }
    return fact("relief.granted", f"relief-{day}", **(data | more))
