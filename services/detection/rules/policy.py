"""The value of a parameter that is in force: by business date and scope, never by arrival."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from events.values import first_day
from services.detection.bodies import PolicyAdopted
from services.detection.rules.rule import Parameter

GRACE = Parameter("death.grace_months", "3", "contract: months after a death in which payment is only noted")
MULTIPLE = Parameter("large_payment.multiple", "1.00", "contract: payment above the entitlement of the month")


def _number(value: object) -> Decimal | None:
    if isinstance(value, bool):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() and number >= 0 else None


@dataclass(frozen=True)
class Policy:
    """Every adopted value that counts."""

    adopted: tuple[PolicyAdopted, ...] = ()

    @classmethod
    def of(cls, facts: Iterable[PolicyAdopted]) -> "Policy":
        """Return the policy of these facts. A value that is no number ≥ 0 is never in force."""
        return cls(tuple(fact for fact in facts if _number(fact.value) is not None))

    def value(self, parameter: Parameter, month: str, division: str | None, programme: str) -> Decimal:
        """Return the value in force on the first day of a month for a household of a division.

        The most specific scope wins: the longest division prefix, then one that names the programme; among
        equals the latest ``from``, then the greatest event id.
        """
        day = first_day(month).isoformat()
        in_force = [
            fact
            for fact in self.adopted
            if fact.parameter == parameter.name
            and fact.date <= day
            and (division or "").startswith(fact.division_prefix)
            and fact.programme in (None, programme)
        ]
        if not in_force:
            return Decimal(parameter.default)
        number = _number(max(in_force, key=_precedence).value)
        assert number is not None
        return number


def _precedence(fact: PolicyAdopted) -> tuple[int, bool, str, str]:
    return len(fact.division_prefix), fact.programme is not None, fact.date, fact.event_id


def shown(value: Decimal) -> int | float:
    """Return a value as findings show it: 3, 1, 1.5 — so that 1.00 and 1.0 are the same content."""
    return int(value) if value == value.to_integral_value() else float(value)
