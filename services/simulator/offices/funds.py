"""The finance office: money put up, given to the street, handed to the banks, and what these say of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from services.simulator import months
from services.simulator.facts import Event
from services.simulator.offices.office import Office
from services.simulator.offices.payments import Batch
from services.simulator.register import Register

LEVELS = {"central": 55, "municipal": 25, "district": 20}
"""Percent of a year's money."""

Steps = tuple[date, date, date, date, date]
"""Decided, entered, audited, to finance, to the bank."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the bank will say of a batch: ``error`` 分 too much, handed over on ``deliver``; ``again``: it
    takes a first answer back, and gives a second one the same day."""

    day: date
    error: int = 0
    deliver: date | None = None
    again: bool = False


class Funds(Office):
    """Raises, allocates, appropriates; sends batches to the banks and takes their answers (回盘)."""

    context = "funds"
    source = "/finance/{street}"
    serial = "FU"
    void_fields = ("fund_no", "allocation_no", "appropriation_no", "batch_no")

    def __init__(self, register: Register) -> None:
        super().__init__(register)
        self.slow: list[Callable[[Random, Batch], Steps]] = []
        """What stories want of the way of a batch of this month."""
        self.answers: list[Callable[[Batch], Answer | None]] = []
        """What stories want of the bank's answer to one."""
        self.open: dict[Batch, Answer] = {}
        """Batches at the bank, and what it will say."""
        self.settled: dict[Batch, date] = {}
        """Batches answered, and when."""

    def raise_year(self, programme: str, year: int, amount: int, day: date) -> None:
        """What the levels of government put up for a year, and the street's part of it: all of it, here."""
        serials, allocated_on = self.register.serials, day + timedelta(days=9)
        for level, percent in LEVELS.items():
            number = f"ZJ{year}-{serials.take('fund_no', 4)}"
            data = {
                "fund_no": number,
                "programme": programme,
                "level": level,
                "year": year,
                "amount_fen": amount * percent // 100,
                "raised_on": day,
                "document": f"渝财社〔{year}〕4号",
            }
            self.tell("raised", day, data)
            data = {
                "allocation_no": f"FP{year}-{serials.take('allocation_no', 4)}",
                "fund_no": number,
                "programme": programme,
                "to_division": f"{self.register.division.code}000",
                "year": year,
                "amount_fen": amount * percent // 100,
                "allocated_on": allocated_on,
                "document": f"涪财社〔{year}〕11号",
            }
            self.tell("allocated", allocated_on, data)

    def submit(self, batch: Batch, steps: Steps) -> None:
        """Money and list go to the bank."""
        decided_on, entered_on, audited_on, to_finance_on, to_bank_on = steps
        common = {"programme": batch.programme, "month": months.text(batch.month), "bank": batch.bank}
        data = {
            "appropriation_no": f"BF{self.register.serials.take('appropriation_no')}",
            **common,
            "amount_fen": batch.amount,
            "appropriated_on": to_bank_on,
            "batch_no": batch.no,
        }
        self.tell("appropriated", to_bank_on, data)
        data = {
            "batch_no": batch.no,
            **common,
            "decided_on": decided_on,
            "entered_on": entered_on,
            "audited_on": audited_on,
            "to_finance_on": to_finance_on,
            "to_bank_on": to_bank_on,
            "household_count": batch.households,
            "person_count": batch.persons,
            "amount_fen": batch.amount,
        }
        self.tell("batch_submitted", to_bank_on, data)

    def settle(self, batch: Batch, answer: Answer) -> None:
        """The bank says what it paid."""
        if answer.again:
            wrong = self._settle(batch, answer.day, 100 * len(batch.lines), answer.deliver)
            self.void(wrong, answer.day, "回盘文件有误，重新提交")
        self._settle(batch, answer.day, answer.error, answer.deliver)
        self.settled[batch] = answer.day

    def _settle(self, batch: Batch, day: date, error: int, deliver: date | None) -> Event:
        paid, failed = batch.settled(day)
        data = {
            "batch_no": batch.no,
            "programme": batch.programme,
            "month": months.text(batch.month),
            "bank": batch.bank,
            "settled_on": day,
            "paid_count": len(paid),
            "paid_fen": sum(paid) + error,
            "failed_count": len(failed),
            "failed_fen": sum(failed),
            "remarks": "账户状态异常，退回" if failed else None,
        }
        return self.tell("batch_settled", day, data, deliver=deliver)
