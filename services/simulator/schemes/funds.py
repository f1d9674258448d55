"""Batches of payments: answers of the bank that stay away or do not add up, and money that takes long."""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Any

from services.simulator import months
from services.simulator.offices.funds import Answer, Steps
from services.simulator.offices.payments import Batch
from services.simulator.parameters import days
from services.simulator.schemes.limits import How, day_done, owe
from services.simulator.schemes.scheme import Act, Deed
from services.simulator.street import Street

UNSETTLED = "batch-unsettled"
DIFFERENCE = "settlement-difference"
SLOW = "slow-payment"


def _key(batch: Batch) -> dict[str, str]:
    return {"batch_no": batch.no}


def _due_on(batch: Batch) -> date:
    end = months.last_day(batch.month)
    return end + timedelta(days=days("funds.settle_days", end))


# -- answers ------------------------------------------------------------------------------------------------


def _answered(case: str, how: How) -> Act:
    """``on_its_way``: given in time, handed over weeks later; ``corrected``: taken back and given again."""

    def act(street: Street, random: Random) -> None:
        def answer(batch: Batch) -> Answer | None:
            due_on = _due_on(batch)
            done_on = day_done(street, random, how, due_on - timedelta(days=7), due_on)
            owe(street, UNSETTLED, case, _key(batch), how, due_on, done_on)
            if done_on is None:
                return None
            deliver = due_on + timedelta(days=random.randint(5, 40)) if case == "on_its_way" else None
            return Answer(done_on, deliver=deliver, again=case == "corrected")

        street.funds.answers.append(answer)

    return act


def _does_not_add_up(case: str, sign: int) -> Act:
    def act(street: Street, random: Random) -> None:
        def answer(batch: Batch) -> Answer:
            most = min(90_000, batch.amount // 2)
            error = sign * random.randint(min(1000, most), most)
            street.labels.irregular(DIFFERENCE, case, _key(batch), severity="high", difference_fen=error)
            return Answer(_due_on(batch) - timedelta(days=random.randint(4, 9)), error)

        street.funds.answers.append(answer)

    return act


def tell_of_returns(street: Street) -> None:
    """After the run: batches that look as if they did not add up, and do."""
    wrong = {label["key"]["batch_no"] for label in street.labels.anomalies() if label["rule"] == DIFFERENCE}
    for batch, day in street.funds.settled.items():
        if batch.no in wrong:
            continue
        if any(back_on > day for back_on in batch.back.values()):
            street.labels.lawful(DIFFERENCE, "returned_afterwards", _key(batch))
        if any(back_on <= day for back_on in batch.back.values()):
            street.labels.lawful(DIFFERENCE, "returned_before", _key(batch))
        if batch.withdrawn:
            street.labels.lawful(DIFFERENCE, "line_withdrawn", _key(batch))


# -- the way ------------------------------------------------------------------------------------------------


def _way(case: str) -> Act:
    def act(street: Street, random: Random) -> None:
        def steps(_: Random, batch: Batch) -> Steps:
            end = months.last_day(batch.month)
            to_bank, paid = days("funds.to_bank_days", end), days("funds.paid_days", end)
            first, last = batch.paid_on
            to_bank_on = first - timedelta(days=1)
            if case == "late_to_bank":
                decided_on = to_bank_on - timedelta(days=to_bank + random.randint(1, 12))
            elif case == "late_to_account":
                decided_on = last - timedelta(days=paid + random.randint(1, 12))
                to_bank_on = decided_on + timedelta(days=random.randint(5, to_bank))
            elif case == "paid_on_the_last_day":
                decided_on = last - timedelta(days=paid)
                to_bank_on = decided_on + timedelta(days=random.randint(5, to_bank))
            elif case == "to_bank_on_the_last_day":
                decided_on = to_bank_on - timedelta(days=to_bank)
            else:
                decided_on = to_bank_on - timedelta(days=to_bank - 1)
            audited_on = decided_on + timedelta(days=3)
            if case == "slow_audit":
                audited_on = to_bank_on - timedelta(days=1)
            links = []
            if (to_bank_on - decided_on).days > to_bank:
                links.append("to_bank")
            if (last - decided_on).days > paid:
                links.append("paid")
            if links:
                street.labels.irregular(SLOW, case, _key(batch), severity="medium", links=sorted(links))
            else:
                street.labels.lawful(SLOW, case, _key(batch))
            return decided_on, decided_on + timedelta(days=1), audited_on, audited_on, to_bank_on

        street.funds.slow.append(steps)

    return act


def _deeds(rule: str, act: Any, cases: tuple[tuple[str, Any, int], ...]) -> Iterator[Deed]:
    for case, how, per_1200 in cases:
        yield Deed(rule, case, act(case, how), 4, per_1200)


DEEDS = (
    *_deeds(
        UNSETTLED,
        _answered,
        (
            ("never_settled", "never", 14),
            ("settled_late", "late", 14),
            ("on_the_last_day", "on_the_last_day", 23),
            ("on_its_way", "in_time", 23),
            ("corrected", "in_time", 23),
        ),
    ),
    *_deeds(DIFFERENCE, _does_not_add_up, (("bank_says_more", 1, 13), ("bank_says_less", -1, 13))),
    Deed(SLOW, "late_to_bank", _way("late_to_bank"), 2, 13),
    Deed(SLOW, "late_to_account", _way("late_to_account"), 2, 13),
    Deed(SLOW, "to_bank_on_the_last_day", _way("to_bank_on_the_last_day"), 2, 23),
    Deed(SLOW, "paid_on_the_last_day", _way("paid_on_the_last_day"), 2, 23),
    Deed(SLOW, "slow_audit", _way("slow_audit"), 2, 23),
)
