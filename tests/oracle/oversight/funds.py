"""Batches of payments: answers of the bank, and how long the money takes."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from datetime import date

from tests.oracle.facts import Fact
from tests.oracle.oversight.log import Found, Log, clock, day_of, first, found, in_order, later


def last_day(month: str) -> date:
    year, number = int(month[:4]), int(month[5:])
    return date(year, number, monthrange(year, number)[1])


def unsettled(log: Log) -> Iterable[Found]:
    answers = log.by("funds.batch_settled", "batch_no")
    for number, batches in log.by("funds.batch_submitted", "batch_no").items():
        batch = in_order(batches)[-1]
        end = last_day(batch.data["month"])
        yield from clock(
            log,
            later(end, log.policy("funds.settle_days", end, batch.data)),
            first(day_of(fact.data["settled_on"]) for fact in answers[number]),
            batch_no=number,
        )


def differences(log: Log) -> Iterable[Found]:
    payments = log.by("payments.paid", "batch_no")
    returned: dict[str, Fact] = {}
    for fact in in_order(log.of("payments.returned")):
        returned.setdefault(fact.data["payment_no"], fact)
    for number, answers in log.by("funds.batch_settled", "batch_no").items():
        by_then = [fact for fact in answers if fact.business_date <= log.day]
        if not by_then:
            continue
        answer = max(by_then, key=lambda fact: (fact.business_date, fact.event_id))
        settled_on = answer.data["settled_on"]

        def stayed(payment: Fact, until: str = settled_on) -> bool:
            back = returned.get(payment.data["payment_no"])
            paid_by_then = bool(payment.data["paid_on"] <= until)
            return paid_by_then and (back is None or bool(back.data["returned_on"] > until))

        paid = sum(payment.data["amount_fen"] for payment in payments[number] if stayed(payment))
        if answer.data["paid_fen"] != paid:
            difference = answer.data["paid_fen"] - paid
            yield found("high", {"difference_fen": difference}, batch_no=number)


def slow(log: Log) -> Iterable[Found]:
    payments = log.by("payments.paid", "batch_no")
    for number, batches in log.by("funds.batch_submitted", "batch_no").items():
        by_then = [fact for fact in batches if fact.business_date <= log.day]
        if not by_then:
            continue
        batch = max(by_then, key=lambda fact: (fact.business_date, fact.event_id))
        end = last_day(batch.data["month"])
        decided_on, links = day_of(batch.data["decided_on"]), []
        to_bank_by = later(decided_on, log.policy("funds.to_bank_days", end, batch.data))
        if day_of(batch.data["to_bank_on"]) > to_bank_by:
            links.append("to_bank")
        due_on = later(decided_on, log.policy("funds.paid_days", end, batch.data))
        paid_on = [day_of(payment.data["paid_on"]) for payment in payments[number]]
        if any(due_on < day <= log.day for day in paid_on):
            links.append("paid")
        if links:
            yield found("medium", {"links": sorted(links)}, batch_no=number)


RULES = {"batch-unsettled": unsettled, "settlement-difference": differences, "slow-payment": slow}
