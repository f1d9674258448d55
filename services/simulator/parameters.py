"""Time limits and thresholds that only a policy fixes: stated as ``policy.adopted``, never hidden in code.

The names are this deployment's; sources are articles of 民发〔2021〕57号, 220号, 信访工作条例, or ours where
``domain.md`` says that nobody fixed a value.
"""

from dataclasses import dataclass
from datetime import date

LEDGERS = ("households", "payments", "custody", "petitions", "rectification")
"""What villages hand in of each quarter of a campaign."""

Value = int | float | str


@dataclass(frozen=True, slots=True)
class Parameter:
    """A value from a day on; ``from_on`` is ``None`` for the first day of the run. ``unit`` says of what."""

    name: str
    value: Value
    unit: str
    source: str
    from_on: date | None = None


NEW_RULES = date(2021, 7, 1)
"""57号 took the place of 220号."""

ANY_STEP = "any"
"""Since then an investigation has begun with a step of whatever kind, not with the visit only."""

PARAMETERS: tuple[Parameter, ...] = (
    Parameter("death.grace_months", 3, "months", "83号 一(三)"),
    Parameter("large_payment.multiple", 1.0, "times the entitlement", "ours"),
    Parameter("kinship.filing_days", 30, "days after the household is granted the allowance", "ours"),
    Parameter("kinship.review_days", 60, "days after the filing", "ours; 57号 20 for the visit"),
    Parameter(
        "custody.agreement_days", 30, "days after the card is taken over", "57号 26; the number is ours"
    ),
    Parameter("custody.filing_days", 30, "days after the card is taken over", "57号 26; the number is ours"),
    Parameter("custody.check_months", 6, "months after the last check", "ours"),
    Parameter("custody.cards_per_custodian", 2, "cards that one person may hold", "ours"),
    Parameter("application.investigation_days", 10, "working days until the visit", "220号 18"),
    Parameter("application.investigation_days", 3, "working days until the visit", "57号 15", NEW_RULES),
    Parameter(
        "application.investigation_steps", "household_visit", "kinds of steps that begin it", "220号 18"
    ),
    Parameter("application.investigation_steps", ANY_STEP, "of any kind", "57号 15", NEW_RULES),
    Parameter("application.total_days", 30, "working days until the decision", "57号 22"),
    Parameter("application.extended_days", 45, "the same where an investigation is doubtful", "57号 22"),
    Parameter("application.delegated_days", 20, "the same where the township decides", "83号 四(一)"),
    Parameter("application.notice_days", 3, "working days until the notice of a refusal", "57号 21"),
    Parameter("application.publicity_days", 7, "days on the notice board", "57号 19"),
    Parameter("review.stable_months", 12, "months after the last review, stable income", "57号 31"),
    Parameter("review.unstable_months", 6, "months after it, unstable income or able-bodied", "57号 31"),
    Parameter("grace.months", 6, "months at most", "57号 33"),
    Parameter("grace.decision_days", 30, "days after the last month of grace", "ours"),
    Parameter("comparison.review_days", 30, "days after a hit", "ours"),
    Parameter("screening.outcome_days", 30, "days after somebody is listed", "ours"),
    Parameter("screening.cover_days", 60, "days after the outcome is help", "ours"),
    Parameter("tekun.agreement_days", 30, "days after care at home begins", "ours"),
    Parameter("exit.follow_up_days", 90, "days after the exit is decided", "ours"),
    Parameter("exit.decision_days", 30, "days after it was found that the conditions no longer hold", "ours"),
    Parameter("petitions.accept_days", 15, "days after the petition is filed", "信访工作条例 23"),
    Parameter("petitions.answer_days", 60, "days after the petition is accepted", "信访工作条例 34"),
    Parameter("petitions.extension_days", 30, "days by which that may be extended", "信访工作条例 34"),
    Parameter("petitions.closures_a_day", 3, "petitions that one person may close on one day", "ours"),
    Parameter("recovery.days", 120, "days after the last payment for somebody dead", "ours"),
    Parameter("funds.settle_days", 10, "days after the batch's month", "ours"),
    Parameter("funds.to_bank_days", 15, "days from the decision to the bank", "ours"),
    Parameter("funds.paid_days", 30, "days from the decision to the account", "ours"),
    Parameter("campaign.task_days", 15, "days at least for a task, whatever its last day", "ours"),
    Parameter("campaign.ledger_days", 15, "days after the quarter", "ours"),
    Parameter("campaign.ledgers", " ".join(LEDGERS), "ledgers of a quarter, with blanks between", "ours"),
    Parameter("hotline.call_back_working_days", 1, "working days after a call that was missed", "ours"),
    Parameter("payments.regular_a_month", 1, "regular payments of a month to one account", "57号 25"),
    Parameter("clues.verify_days", 60, "days after a clue is received", "ours"),
    Parameter("clues.transfer_days", 15, "days after a clue about a cadre was found true", "ours"),
    Parameter("clues.answer_days", 30, "days after a named report was looked into", "57号 37; ours"),
    Parameter("hotline.reply_days", 7, "days after a call in which something was asked", "ours"),
)


def limit(name: str, day: date) -> Value:
    """What the county has adopted for a day. Raises KeyError for a name that is not in the table."""
    found = [p for p in PARAMETERS if p.name == name and (p.from_on is None or p.from_on <= day)]
    if not found:
        raise KeyError(name)
    return found[-1].value


def days(name: str, day: date) -> int:
    """The same, for values that are whole numbers."""
    value = limit(name, day)
    assert isinstance(value, int)
    return value
