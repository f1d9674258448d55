"""Ordinary life: tables of what happens at first, each month before and after it is paid, and at last."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from services.simulator.life import (
    applications,
    campaign,
    checks,
    clues,
    custody,
    errors,
    exits,
    frequent,
    funds,
    hotline,
    kinship,
    ledgers,
    petitions,
    policies,
    problems,
    recoveries,
    registry,
    relief,
    reviews,
    roster,
    screening,
    standards,
    supervision,
    survey,
    tekun,
)
from services.simulator.street import Street


@dataclass(frozen=True, slots=True)
class Routine:
    """What happens. Each has a stream of chance of its own, named after it."""

    name: str
    happens: Callable[[Street, Random], None]


AT_FIRST: tuple[Routine, ...] = (
    Routine("officials", roster.first_officials),
    Routine("filings", kinship.first_filings),
    Routine("cards", custody.first_cards),
    Routine("policies", policies.issue),
    Routine("plans", reviews.first_plans),
    Routine("repeats", petitions.tell_repeats),
    Routine("returns", funds.watch),
    Routine("payments of a month", frequent.watch),
)
BEFORE_PAYMENTS: tuple[Routine, ...] = (
    Routine("roster", roster.change),
    Routine("standards", standards.raise_in_autumn),
    Routine("relief", relief.pay_once),
    Routine("money", funds.raise_money),
    Routine("settlements", funds.settle),
    Routine("campaign", campaign.begin),
    Routine("progress", campaign.report),
    Routine("ledgers handed in", ledgers.hand_in),
    Routine("duty", hotline.roster),
)
AFTER_PAYMENTS: tuple[Routine, ...] = (
    Routine("petitions", petitions.file),
    Routine("newcomers", applications.receive),
    Routine("decisions", applications.decide),
    Routine("kinship", kinship.file_and_review),
    Routine("custody", custody.look_after),
    Routine("tekun", tekun.settle),
    Routine("registry", registry.keep),
    Routine("reviews", reviews.look_again),
    Routine("comparisons", reviews.compare),
    Routine("followers", exits.follow),
    Routine("screening", screening.screen),
    Routine("campaign of checks", screening.go_over),
    Routine("recoveries", recoveries.ask_back),
    Routine("batches", funds.submit),
    Routine("problems", problems.find_and_rectify),
    Routine("supervision", supervision.supervise),
    Routine("ledgers", ledgers.close_quarter),
    Routine("calls", hotline.ring),
    Routine("clues", clues.come_in),
    Routine("survey", survey.ask),
    Routine("errors", errors.happen),
    Routine("payments of long ago", frequent.forget),
)
AT_LAST: tuple[Routine, ...] = (Routine("checks", checks.look_into),)

__all__ = ["AFTER_PAYMENTS", "AT_FIRST", "AT_LAST", "BEFORE_PAYMENTS", "Routine"]
