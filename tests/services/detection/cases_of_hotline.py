"""Small facts about the hotline, for examples."""

from __future__ import annotations

from typing import Any

from tests.services.detection.upstream import Raw, fact

LINE = "社会救助服务热线"


def called(at: str = "2021-03-01T10:00", *, picked_up: bool = True, id_: str = "call", **more: Any) -> Raw:
    """Somebody calls, at a time in China."""
    data: dict[str, Any] = {
        "call_no": "RX1",
        "line": LINE,
        "called_at": f"{at}:00+08:00",
        "picked_up": picked_up,
    }
    return fact("hotline.called", id_, **(data | more))


def answered(at: str, *, called_back: bool = True, id_: str = "") -> Raw:
    """The caller hears what they wanted to know."""
    data: dict[str, Any] = {
        "call_no": "RX1",
        "answered_at": f"{at}:00+08:00",
        "called_back": called_back,
        "resolved": True,
    }
    return fact("hotline.answered", id_ or f"answered-{at}", **data)


def rostered(begins: str = "2021-03-01T08:30", ends: str = "2021-03-01T17:30", **more: Any) -> Raw:
    """Somebody is on duty at the line."""
    data = {
        "duty_no": "ZB1",
        "line": LINE,
        "official_no": "O1",
        "begins_at": f"{begins}:00+08:00",
        "ends_at": f"{ends}:00+08:00",
    }
    return fact("hotline.rostered", more.pop("id_", f"rostered-{begins}"), **(data | more))
