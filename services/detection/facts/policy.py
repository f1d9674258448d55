"""Values of parameters that a document puts in force, and policies, as their number keeps them."""

from typing import Any

from events.envelope import Event
from services.detection.facts.fact import Body, FactType, Kept, micros


class PolicyAdopted(Body, frozen=True, tag="policy_adopted"):
    """``date`` is the first day on which the value holds."""

    time: int
    parameter: str
    value: int | float | str | bool
    division_prefix: str
    programme: str | None


class PolicyIssued(Body, frozen=True, tag="policy_issued"):
    """A policy for people in need; ``date`` is the first day on which it holds, ``to`` the last one."""

    policy_no: str
    gives: str
    to: str | None


def _issued(event: Event) -> list[Kept]:
    data = event.data
    to = None if data.to is None else data.to.isoformat()
    body = PolicyIssued(str(event.event_id), data.from_.isoformat(), data.policy_no, data.gives, to)
    return [Kept("measure:" + data.policy_no, body)]


def adopted(event_id: str, time: int, data: Any) -> PolicyAdopted:
    """Return the body of a value that is adopted, or tried (``events.policy.Adopted``)."""
    scope = data.scope
    return PolicyAdopted(
        event_id,
        data.from_.isoformat(),
        time,
        data.parameter,
        data.value,
        (scope.division_prefix if scope is not None else None) or "",
        scope.programme if scope is not None else None,
    )


def _adopted(event: Event) -> list[Kept]:
    body = adopted(str(event.event_id), micros(event.time), event.data)
    return [Kept("policy:" + body.parameter, body)]


FACTS = (
    FactType(name="dibao.policy.adopted.v1", bodies=(PolicyAdopted,), keep=_adopted),
    FactType(name="dibao.policy.issued.v1", bodies=(PolicyIssued,), keep=_issued),
)
