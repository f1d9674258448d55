"""What was paid, to which account, for which month; what came back and what was recovered (R3, R26-R36).

Key of all: ``household_no``.
"""

from typing import Generic, Literal, TypeAlias

from events.event_type import EventType
from events.form import (
    Account,
    AccountT,
    Fact,
    Person,
    PersonT,
    ProtectedAccount,
    ProtectedPerson,
    Sealed,
    TextT,
)
from events.values import Day, Fen, FreeText, Month, Number, Programme
from events.voids import PaymentVoided


class Paid(Fact, Generic[AccountT]):
    """Money arrived. ``month`` is the month paid for (发放月); amount in 分."""

    payment_no: Number
    household_no: Number
    programme: Programme
    month: Month
    paid_on: Day
    amount_fen: Fen
    kind: Literal["regular", "arrears", "one_off"]
    """正常发放, 补发, 一次性."""
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


class Recovered(Fact, Generic[PersonT, TextT]):
    """Money that should not have been paid was given back (追回, R33); amount in 分."""

    recovery_no: Number
    household_no: Number
    programme: Programme
    from_month: Month
    """The first month whose payment was given back."""
    to_month: Month
    """The last month whose payment was given back; ``from_month`` for one month."""
    recovered_on: Day
    amount_fen: Fen
    cause: Literal["death", "unentitled", "wrong_account", "overpaid", "misappropriated", "other"]
    """死亡后发放, 不符合条件, 账户错误, 多发, 截留挪用, 其他."""
    method: Literal["cash", "transfer", "deduction"]
    """现金, 转账, 从后续发放中扣减."""
    payment_no: Number | None = None
    payer: PersonT | None = None
    """Who gave it back."""
    reason: TextT | None = None


_HOUSEHOLD = ("household_no",)
_P: TypeAlias = ProtectedPerson
_A: TypeAlias = ProtectedAccount
_T: TypeAlias = Sealed

_STATED: tuple[EventType, ...] = (
    EventType(
        name="dibao.payments.paid.v1",
        readable=Paid[Account],
        model=Paid[_A],
        key=_HOUSEHOLD,
        business_date="paid_on",
        unique=("payment_no",),
        requirements=("R3", "R26", "R27", "R28", "R29", "R36"),
    ),
    EventType(
        name="dibao.payments.returned.v1",
        readable=Returned[Account, FreeText],
        model=Returned[_A, _T],
        key=_HOUSEHOLD,
        business_date="returned_on",
        seal_under=(_HOUSEHOLD,),
        requirements=("R26", "R35"),
    ),
    EventType(
        name="dibao.payments.recovered.v1",
        readable=Recovered[Person, FreeText],
        model=Recovered[_P, _T],
        key=_HOUSEHOLD,
        business_date="recovered_on",
        seal_under=(_HOUSEHOLD,),
        unique=("recovery_no",),
        requirements=("R30", "R33"),
    ),
)

TYPES: tuple[EventType, ...] = (
    *_STATED,
    EventType(
        name="dibao.payments.voided.v1",
        readable=PaymentVoided[Person, Account, FreeText],
        model=PaymentVoided[_P, _A, _T],
        seal_under=(_HOUSEHOLD,),
        undoes={entry.name: entry.key for entry in _STATED},
    ),
)
