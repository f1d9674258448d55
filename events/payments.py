"""What was paid, to which account, for which month (R3, R26-R29, R33, R35)."""

from typing import Generic, Literal

from events.form import AccountT, Fact, TextT
from events.values import Day, Fen, Month, Number, Programme


class Paid(Fact, Generic[AccountT]):
    """Money arrived. ``month`` is the month paid for (发放月); amount in 分."""

    payment_no: Number
    household_no: Number
    programme: Programme
    month: Month
    paid_on: Day
    amount_fen: Fen
    kind: Literal["regular", "arrears", "one_off"]
    account: AccountT
    batch_no: Number


class Returned(Fact, Generic[AccountT, TextT]):
    """A payment came back from the bank (退回): it no longer counts as live."""

    payment_no: Number
    household_no: Number
    programme: Programme
    month: Month
    account: AccountT
    returned_on: Day
    reason: TextT
