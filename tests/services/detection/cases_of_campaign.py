"""Small facts about a campaign, for examples."""

from __future__ import annotations

from typing import Any

from tests.services.detection.upstream import Raw, fact


def problem_found(no: str = "WT1", day: str = "2021-03-01", **more: Any) -> Raw:
    data = {
        "problem_no": no,
        "stage": "distribution",
        "task_class": "payments",
        "found_on": day,
        "found_by": "财政办",
        "description": "台账不一致",
    }
    return fact("campaign.problem_found", more.pop("id_", f"found-{no}"), **(data | more))


def problem_rectified(day: str, evidence: str | None = "更正后的台账", id_: str = "") -> Raw:
    data = {"problem_no": "WT1", "rectified_on": day, "measure": "corrected"}
    shown = {} if evidence is None else {"evidence": evidence}
    return fact("campaign.problem_rectified", id_ or f"rectified-{day}", **data, **shown)


def problem_rechecked(day: str, result: str = "holds", id_: str = "") -> Raw:
    data = {"problem_no": "WT1", "rechecked_on": day, "drawn": True, "result": result}
    return fact("campaign.problem_rechecked", id_ or f"rechecked-{day}", **data)
