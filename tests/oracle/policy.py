"""Policy values by date and scope."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from tests.oracle.facts import Fact
from tests.oracle.months import first_day

DEFAULTS = {"death.grace_months": Decimal("3"), "large_payment.multiple": Decimal("1.00")}


@dataclass(frozen=True)
class Policy:
    """Every value that was adopted and still counts."""

    adopted: tuple[Fact, ...]

    def value(self, parameter: str, month: str, division: str | None, programme: str) -> Decimal:
        """The value on the first day of `month`.

        The most specific scope wins: the longest division prefix, then one that names the programme; among
        equals the latest `from`, then what was stated later, then the greatest event id.
        """
        in_force = [
            fact
            for fact in self.adopted
            if fact.data["parameter"] == parameter
            and fact.business_date <= first_day(month)
            and in_scope(fact.data.get("scope", {}), division, programme)
        ]
        if not in_force:
            return DEFAULTS[parameter]
        return Decimal(str(max(in_force, key=precedence).data["value"]))


def policy_of(facts: Iterable[Fact]) -> Policy:
    """The policy that these facts adopt."""
    return Policy(tuple(fact for fact in facts if fact.kind == "policy.adopted"))


def in_scope(scope: dict[str, Any], division: str | None, programme: str | None) -> bool:
    """Whether a scope reaches this division and programme; a part that is not given reaches all."""
    prefix = scope.get("division_prefix", "")
    return (division or "").startswith(prefix) and scope.get("programme", programme) == programme


def precedence(fact: Fact) -> tuple[int, bool, str, datetime, str]:
    """What decides among values that are in force."""
    scope, first = fact.data.get("scope", {}), fact.data["from"]
    return len(scope.get("division_prefix", "")), "programme" in scope, first, fact.time, fact.event_id
