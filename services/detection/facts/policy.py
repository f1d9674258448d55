"""Values of parameters that a document puts in force."""

from events.envelope import Event
from services.detection.facts.fact import Body, FactType, Kept, micros


class PolicyAdopted(Body, frozen=True, tag="policy_adopted"):
    """``date`` is the first day on which the value holds."""

    time: int
    parameter: str
    value: int | float | str | bool
    division_prefix: str
    programme: str | None


def _adopted(event: Event) -> list[Kept]:
    data = event.data
    scope = data.scope
    body = PolicyAdopted(
        str(event.event_id),
        data.from_.isoformat(),
        micros(event.time),
        data.parameter,
        data.value,
        (scope.division_prefix if scope is not None else None) or "",
        scope.programme if scope is not None else None,
    )
    return [Kept("policy:" + data.parameter, body)]


FACTS = (FactType(name="dibao.policy.adopted.v1", bodies=(PolicyAdopted,), keep=_adopted),)
