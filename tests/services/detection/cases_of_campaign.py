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
    data: dict[str, Any] = {"problem_no": "WT1", "rechecked_on": day, "drawn": True, "result": result}
    return fact("campaign.problem_rechecked", id_ or f"rechecked-{day}", **data)


def task_assigned(
    day: str = "2021-06-18", due_on: str = "2021-08-31", division: str | None = "500102008201", **more: Any
) -> Raw:
    data = {
        "task_no": "RW1",
        "campaign_no": "ZX1",
        "task_class": "policy",
        "assigned_to": "某村",
        "assigned_on": day,
        "due_on": due_on,
        "title": "全面清查",
    }
    where = {} if division is None else {"division": division}
    return fact("campaign.task_assigned", more.pop("id_", "task"), **(data | where | more))


def task_reported(day: str, progress: int = 100, *, done: bool = True, id_: str = "") -> Raw:
    data: dict[str, Any] = {
        "task_no": "RW1",
        "campaign_no": "ZX1",
        "reported_on": day,
        "progress": progress,
        "done": done,
    }
    return fact("campaign.task_reported", id_ or f"reported-{day}", **data)


def campaign_opened(until: str | None = "2021-12-15", day: str = "2021-01-05", **more: Any) -> Raw:
    """A campaign with one phase up to a day, or without phases."""
    data: dict[str, Any] = {
        "campaign_no": "ZX1",
        "title": "专项行动",
        "document": "方案",
        "issued_on": day,
        "issued_by": "街道办事处",
        "lead_office": "社保所",
    }
    if until is not None:
        data["phases"] = [{"title": "排查整改", "from_on": "2021-01-05", "to_on": until}]
    return fact("campaign.opened", more.pop("id_", "campaign"), **(data | more))


def ledger_submitted(day: str, ledger: str = "households", quarter: str = "2021-Q2", id_: str = "") -> Raw:
    return fact(
        "campaign.ledger_submitted",
        id_ or f"ledger-{ledger}-{day}",
        submission_no=f"BS-{ledger}-{day}",
        campaign_no="ZX1",
        division="500102008201",
        ledger=ledger,
        quarter=quarter,
        submitted_on=day,
        row_count=3,
        signed_by="O1",
    )
