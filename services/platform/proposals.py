"""Facts that one operator proposes and another one approves: what was decided, by whom, and when.

A proposal is no fact: it stands in PostgreSQL, and goes onto the log once it is approved. Its steps are only
added to; what may come next follows from those that are there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import asyncpg

from services.platform.database import Asked, Pool

StepName = Literal["approved", "adopted", "withdrawn", "undoing", "undone"]
"""``adopted`` and ``undone``: the log has the fact, or its void; the step before says who decided it."""

State = Literal["proposed", "approved", "adopted", "withdrawn", "undoing", "undone"]


class ProposalError(Exception):
    """A proposal cannot be decided so; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Something that was decided about a proposal, or done. ``receipt``: intake's for what it was handed."""

    step: StepName
    by: str
    at: datetime
    why: str | None = None
    receipt: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A fact that is proposed: its type and ``data``; ``tried`` is what a backtest of it said."""

    number: int
    type: str
    data: Mapping[str, Any]
    tried: Mapping[str, Any]
    by: str
    at: datetime
    steps: Sequence[Step] = ()

    @property
    def state(self) -> State:
        """How far it is."""
        return self.steps[-1].step if self.steps else "proposed"

    def taken(self, name: StepName) -> Step:
        """Return a step that was taken."""
        return next(step for step in self.steps if step.step == name)


def approval(proposal: Proposal, by: str) -> StepName | None:
    """Return the step by which an operator approves, or None where what is approved has yet to be published.

    Raises ProposalError: nobody approves what they proposed, and nothing is approved twice.
    """
    if proposal.by == by:
        raise ProposalError(f"Proposal {proposal.number} is by {by}: another operator approves it")
    if proposal.state == "proposed":
        return "approved"
    if proposal.state == "approved":
        return None
    raise ProposalError(_over(proposal))


def withdrawal(proposal: Proposal) -> StepName | None:
    """Return the step by which a proposal is withdrawn, or None where its void has yet to be published.

    What was approved is undone by a void: the log may have the fact. Raises ProposalError.
    """
    if proposal.state == "proposed":
        return "withdrawn"
    if proposal.state in ("approved", "adopted"):
        return "undoing"
    if proposal.state == "undoing":
        return None
    raise ProposalError(_over(proposal))


def _over(proposal: Proposal) -> str:
    last = proposal.steps[-1]
    return f"Proposal {proposal.number} was {_DONE[last.step]} by {last.by} on {last.at:%Y-%m-%d}"


_DONE: Mapping[StepName, str] = {
    "approved": "approved",
    "adopted": "adopted",
    "withdrawn": "withdrawn",
    "undoing": "withdrawn",
    "undone": "withdrawn, and undone by a void,",
}


async def propose(
    pool: Asked, event_type: str, data: Mapping[str, Any], tried: Mapping[str, Any], by: str
) -> int:
    """Put a proposal on record, and return its number."""
    return int(
        await pool.fetchval(
            "INSERT INTO platform.proposal (type, data, tried, by) VALUES ($1, $2, $3, $4) RETURNING number",
            event_type,
            dict(data),
            dict(tried),
            by,
        )
    )


async def proposals(pool: Asked) -> list[Proposal]:
    """Return every proposal with its steps, the oldest first."""
    return await _read(pool, "true")


async def proposal_of(pool: Asked, number: int) -> Proposal:
    """Return one proposal. Raises ProposalError where there is none of the number."""
    found = await _read(pool, "number = $1", number)
    if not found:
        raise ProposalError(f"There is no proposal {number}: `dibao policy proposals` lists them")
    return found[0]


async def take(
    pool: Pool,
    proposal: Proposal,
    step: StepName,
    by: str,
    *,
    why: str | None = None,
    receipt: str | None = None,
) -> Proposal:
    """Add the next step to a proposal as it was read, and return it as it is now.

    Raises ProposalError where somebody else took a step meanwhile.
    """
    try:
        await pool.execute(
            "INSERT INTO platform.proposal_step (proposal, number, step, by, why, receipt)"
            " VALUES ($1, $2, $3, $4, $5, $6)",
            proposal.number,
            len(proposal.steps) + 1,
            step,
            by,
            why,
            receipt,
        )
    except asyncpg.UniqueViolationError:
        raise ProposalError(
            f"Somebody else decided on proposal {proposal.number} at this moment: look at it again"
        ) from None
    return await proposal_of(pool, proposal.number)


async def _read(pool: Asked, which: str, *asked: int) -> list[Proposal]:
    rows = await pool.fetch(
        f"SELECT number, type, data, tried, by, at FROM platform.proposal WHERE {which} ORDER BY number",
        *asked,
    )
    steps = await pool.fetch(
        "SELECT proposal, step, by, at, why, receipt FROM platform.proposal_step"
        " WHERE proposal = ANY ($1) ORDER BY proposal, number",
        [row["number"] for row in rows],
    )
    taken: dict[int, list[Step]] = {}
    for proposal, *fields in steps:
        taken.setdefault(proposal, []).append(
            Step(**dict(zip(("step", "by", "at", "why", "receipt"), fields, strict=True)))
        )
    return [Proposal(**row, steps=tuple(taken.get(row["number"], ()))) for row in rows]
