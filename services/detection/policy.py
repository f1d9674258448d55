"""The value of a parameter that is in force on a day: by business date and scope, never by arrival."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from events.policy import number_of
from services.detection.facts.policy import PolicyAdopted


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A value that policy sets: a number ≥ 0 or a text.

    ``title``, ``measure`` and ``basis`` are its name, its unit and where it comes from in Chinese;
    ``unit`` and ``source`` say the same in English. ``default`` holds before any document says otherwise;
    ``dated`` are the defaults that took its place, each from a day on, in order. ``per`` says whose value a
    rule takes: that of a day, or that of the first day of a month.
    """

    name: str
    default: str
    unit: str
    source: str
    title: str
    measure: str
    basis: str
    kind: Literal["number", "text"] = "number"
    per: Literal["day", "month"] = "day"
    dated: tuple[tuple[str, str], ...] = ()

    def default_on(self, day: str) -> str:
        """Return the value that the statute has on a day."""
        held = [value for first, value in self.dated if first <= day]
        return held[-1] if held else self.default


@dataclass(frozen=True, slots=True)
class Scope:
    """Whom a value is asked for. ``programme`` is None where the asker is in none, or in two."""

    division: str | None = None
    programme: str | None = None


class Policy:
    """Every adopted value that counts. Answers are remembered: the same is asked for many payments."""

    def __init__(self, facts: Iterable[PolicyAdopted] = ()) -> None:
        self._adopted: dict[str, list[PolicyAdopted]] = {}
        for fact in facts:
            self._adopted.setdefault(fact.parameter, []).append(fact)
        self._numbers: dict[tuple[str, str, str | None, str | None], Decimal] = {}
        self._least: dict[str, Decimal] = {}

    def number(self, parameter: Parameter, day: str, scope: Scope) -> Decimal:
        """Return the number in force on a day. A value that is no number ≥ 0 is never in force."""
        asked = (parameter.name, day, scope.division, scope.programme)
        known = self._numbers.get(asked)
        if known is None:
            fact = self._in_force(parameter, day, scope)
            known = number_of(parameter.default_on(day) if fact is None else fact.value)
            assert known is not None, parameter
            self._numbers[asked] = known
        return known

    def least(self, parameter: Parameter) -> Decimal:
        """Return the smallest number that is ever in force, on whichever day and for whomever."""
        known = self._least.get(parameter.name)
        if known is None:
            stated: list[object] = [parameter.default, *(value for _, value in parameter.dated)]
            stated += [fact.value for fact in self._adopted.get(parameter.name, ())]
            known = min(number for value in stated if (number := number_of(value)) is not None)
            self._least[parameter.name] = known
        return known

    def days(self, parameter: Parameter, day: str, scope: Scope) -> int:
        """Return the whole number in force on a day."""
        return int(self.number(parameter, day, scope))

    def text(self, parameter: Parameter, day: str, scope: Scope) -> str:
        """Return the text in force on a day. A value that is no text is never in force."""
        fact = self._in_force(parameter, day, scope)
        return parameter.default_on(day) if fact is None else str(fact.value)

    def of_month(self, parameter: Parameter, month: str, scope: Scope) -> Decimal:
        """Return the number in force on the first day of a month."""
        return self.number(parameter, month + "-01", scope)

    def next_change(self, parameter: Parameter, day: str) -> str | None:
        """Return the first day after one from which another value may be in force."""
        days = [fact.date for fact in self._adopted.get(parameter.name, ())]
        days += [first for first, _ in parameter.dated]
        return min((one for one in days if one > day), default=None)

    def _in_force(self, parameter: Parameter, day: str, scope: Scope) -> PolicyAdopted | None:
        """Return the statement that holds, if one does.

        The most specific scope wins: the longest division prefix, then one that names the programme; among
        equals the latest ``from``, then what was stated later, then the greatest event id.
        """
        division = scope.division or ""
        in_force = [
            fact
            for fact in self._adopted.get(parameter.name, ())
            if fact.date <= day
            and division.startswith(fact.division_prefix)
            and (fact.programme is None or fact.programme == scope.programme)
            and (type(fact.value) is str if parameter.kind == "text" else number_of(fact.value) is not None)
        ]
        return max(in_force, key=_precedence, default=None)


def moved(before: Iterable[PolicyAdopted], after: Iterable[PolicyAdopted], parameter: Parameter) -> bool:
    """Whether any day in any scope has another value after than before.

    Values change only on the days from which one holds, or a default by statute, and a division is told apart
    from another only by the prefixes that are named: so to ask for each of these is to ask for all.
    """
    one = [fact for fact in before if fact.parameter == parameter.name]
    other = [fact for fact in after if fact.parameter == parameter.name]
    old, new = Policy(one), Policy(other)
    facts = [*one, *other]
    prefixes = {fact.division_prefix for fact in facts}
    programmes = {None, *(fact.programme for fact in facts)}
    value = Policy.text if parameter.kind == "text" else Policy.number
    return any(
        value(old, parameter, day, scope) != value(new, parameter, day, scope)
        for day in {*(fact.date for fact in facts), *(first for first, _ in parameter.dated)}
        for scope in (Scope(prefix, programme) for prefix in prefixes for programme in programmes)
    )


def _precedence(fact: PolicyAdopted) -> tuple[int, bool, str, int, str]:
    return len(fact.division_prefix), fact.programme is not None, fact.date, fact.time, fact.event_id


def shown(value: Decimal) -> int | float:
    """Return a value as findings show it: 3, 1, 1.5 — so that 1.00 and 1.0 are the same content."""
    return int(value) if value == value.to_integral_value() else float(value)
