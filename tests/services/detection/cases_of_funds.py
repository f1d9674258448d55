"""Small facts about batches of payments, for examples."""

from __future__ import annotations

from typing import Any

from tests.services.detection.upstream import Raw, fact, paid


def submitted(id_: str = "submitted", **more: Any) -> Raw:
    """A batch goes to the bank, on its month's 20th, eight days after it was decided on."""
    data: dict[str, Any] = {
        "batch_no": "B1",
        "programme": "rural_dibao",
        "month": "2021-03",
        "bank": "农商行",
        "decided_on": "2021-03-12",
        "to_bank_on": "2021-03-20",
        "household_count": 1,
        "person_count": 1,
        "amount_fen": 30000,
    }
    data |= more
    between = dict.fromkeys(("entered_on", "audited_on", "to_finance_on"), data["decided_on"])
    return fact("funds.batch_submitted", id_, **(between | data))


def settled(day: str = "2021-03-31", fen: int = 30000, id_: str = "", **more: Any) -> Raw:
    """The bank answers."""
    data: dict[str, Any] = {
        "batch_no": "B1",
        "programme": "rural_dibao",
        "month": "2021-03",
        "bank": "农商行",
        "settled_on": day,
        "paid_count": 1,
        "paid_fen": fen,
        "failed_count": 0,
        "failed_fen": 0,
    }
    return fact("funds.batch_settled", id_ or f"settled-{day}", **(data | more))


def line(no: str, day: str = "2021-03-25", fen: int = 30000, **more: Any) -> Raw:
    """A payment of the batch."""
    return paid("H", "2021-03", "甲", fen, no=no, paid_on=day, batch_no="B1", **more)
