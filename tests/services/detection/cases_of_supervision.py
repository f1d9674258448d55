"""Small facts about clues, petitions, posts and relief, for examples."""

from __future__ import annotations

from typing import Any

from tests.services.detection.upstream import Raw, fact, person_of


def clue_received(official: str | None = None, cadre: bool = True, **more: Any) -> Raw:
    concerned = {"person": person_of("甲"), "cadre": cadre} | (
        {"official_no": official} if official is not None else {}
    )
    data: dict[str, Any] = {
        "clue_no": "X1",
        "track": "civil_affairs",
        "origin": "reported",
        "kind": "favouritism",
        "received_on": "2021-03-01",
        "named": False,
        "concerned": [concerned],
        "content": "内容",
    }
    return fact("clues.received", "clue", **(data | more))


def clue_verified(
    day: str = "2021-03-10", result: str = "substantiated", id_: str = "verified", answered_on: str = ""
) -> Raw:
    data = {"clue_no": "X1", "verified_on": day, "verified_by": "民政局", "result": result}
    return fact(
        "clues.verified", id_, **(data | ({"informant_answered_on": answered_on} if answered_on else {}))
    )


def clue_transferred(day: str) -> Raw:
    return fact("clues.transferred", f"to-{day}", clue_no="X1", transferred_on=day, to_body="纪委")


def post(verb: str, day: str, no: str = "A1") -> Raw:
    days = {"appointed": "appointed_on", "left": "left_on"}
    data: dict[str, Any] = {"appointment_no": no, "official_no": "O1", days[verb]: day}
    if verb == "appointed":
        data |= {"person": person_of("甲"), "body": "村委会", "post": "主任", "kind": "village_committee"}
    else:
        data |= {"cause": "retired"}
    return fact(f"officials.{verb}", f"{verb}-{no}", **data)


def petition(verb: str, day: str, id_: str = "", **more: Any) -> Raw:
    names = {
        "filed": "filed_on",
        "accepted": "accepted_on",
        "transferred": "transferred_on",
        "answered": "answered_on",
        "closed": "closed_on",
    }
    data: dict[str, Any] = {"petition_no": "XF1", names[verb]: day}
    data |= {
        "filed": {
            "division": "500102008202",
            "channel": "来访",
            "kind": "request",
            "matter_code": "1",
            "matter": "求助",
        },
        "accepted": {"handled_by": "社保所"},
        "transferred": {"from_body": "街道", "to_body": "社保所"},
        "answered": {"answered_by": "社保所", "answer": "答复"},
        "closed": {"outcome": "settled"},
    }[verb]
    return fact(f"petitions.{verb}", id_ or f"{verb}-{day}", **(data | more))


def relief_granted(
    no: str, name: str = "甲", occasion: str | None = "S1", day: str = "2021-03-01", **more: Any
) -> Raw:
    data: dict[str, Any] = {
        "relief_no": no,
        "person": person_of(name),
        "division": "500102008202",
        "cause": "uninsured_unemployed",
        "amount_fen": 100000,
        "granted_on": day,
    }
    named = {"occasion_no": occasion} if occasion else {}
    return fact("relief.granted", f"relief-{no}", **(data | named | more))
