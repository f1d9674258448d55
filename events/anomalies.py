"""What detection says: an anomaly is raised, revised, withdrawn."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import StringConstraints

from events.event_type import EventType
from events.form import Fact
from events.values import Day, Label

Severity = Literal["info", "low", "medium", "high"]

AMOUNTS = ("overpaid_fen", "excess_fen", "short_fen", "difference_fen", "paid_fen", "amount_fen")
"""The amount that an anomaly is about, in 分, is the first of these params that its rule states."""


class Finding(Fact):
    """One finding as it stood after a revision. Persons and accounts in it are tokens, amounts in 分.

    ``anomaly_id`` = uuid5(rule, natural key). ``evidence`` is capped, ``evidence_count`` counts all.
    ``policy`` names the values used. The Chinese sentence is made when it is read, never here.
    """

    anomaly_id: UUID
    rule: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z-]+$")]
    rule_version: int
    revision: int
    subject: Label
    severity: Severity
    """提示, 低, 中, 高."""
    key: dict[str, str]
    params: dict[str, Any]
    evidence: list[UUID]
    """The facts that lead to it, by their event ids; at most 50 of them."""
    evidence_count: int
    policy: dict[str, Any] = {}
    household_no: Label | None = None
    holds_since: Day | None = None
    """The business day from which it is so, by the facts that are known: the latest business date of those
    that it rests on; of something due, the day after the last one for it. Absent where no fact says a day."""


class Raised(Finding):
    """An anomaly is open that was not, or was withdrawn before."""


class Revised(Finding):
    """An open anomaly's content changed."""


class Withdrawn(Finding):
    """An anomaly is no longer open; the content is what it last was."""


TYPES: tuple[EventType, ...] = tuple(
    EventType(
        name=f"dibao.anomalies.{verb}.v1", readable=model, model=model, key=("subject",), from_upstream=False
    )
    for verb, model in (("raised", Raised), ("revised", Revised), ("withdrawn", Withdrawn))
)
