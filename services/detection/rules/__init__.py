"""The rules, one file each, and the tables that say what concerns whom. Pure: no SQL, no Faust."""

from dataclasses import dataclass
from typing import Any, Final, Literal

from services.detection.rules import (
    custody_expired,
    large_payment,
    name_mismatch,
    paid_after_death,
    shared_account,
    unentitled,
)
from services.detection.rules.rule import Rule

RULES: Final[tuple[Rule[Any], ...]] = (
    paid_after_death.RULE,
    name_mismatch.RULE,
    shared_account.RULE,
    unentitled.RULE,
    large_payment.RULE,
    custody_expired.RULE,
)

BY_NAME: Final = {rule.name: rule for rule in RULES}


@dataclass(frozen=True, slots=True)
class FanOut:
    """A fact of one subject concerns other subjects, which are looked up after the fact is committed.

    ``through`` says how they are found: ``member_of`` rows of the person, payments with that number,
    households of the custody's grants, custodies granted in the household.
    """

    subject: str
    fact: str
    to: tuple[str, ...]
    through: Literal["member_of", "payment_no", "grants_of_custody", "grants_in_household"]


FAN_OUTS: Final[tuple[FanOut, ...]] = (
    FanOut("person", "died", ("household",), "member_of"),
    FanOut("payment", "returned", ("household", "account"), "payment_no"),
    FanOut("custody", "ended", ("household",), "grants_of_custody"),
    FanOut("household", "enrolled", ("custody",), "grants_in_household"),
    FanOut("household", "members_changed", ("custody",), "grants_in_household"),
    FanOut("household", "exited", ("custody",), "grants_in_household"),
)
"""Every neighbour that a rule reads has its way back here (a test compares them)."""

FANS: Final = {(fan.subject, fan.fact): fan for fan in FAN_OUTS}

TRIGGERS: Final[frozenset[tuple[str, str]]] = frozenset(
    {(rule.subject, fact) for rule in RULES for fact in rule.triggers} | FANS.keys()
)
"""(subject kind, fact kind) that mark the subject dirty."""
