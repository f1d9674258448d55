"""The money before it reaches a household: raised, allocated, appropriated, sent to the bank (R34-R36).

With ``payments`` these are the circular's five stages 筹集, 分配, 拨付, 发放, 使用. All amounts in 分.
"""

from typing import Generic, Literal, Self

from pydantic import model_validator

from events.event_type import EventType
from events.expectations import unfit
from events.form import Fact, Sealed, TextT
from events.values import (
    Count,
    CreditCode,
    Day,
    Division,
    Fen,
    FenOrNone,
    FreeText,
    Label,
    Month,
    Number,
    Programme,
    Year,
)
from events.voids import FundsVoided


class Raised(Fact):
    """A level of government puts money up for a programme and a year (筹集)."""

    fund_no: Number
    programme: Programme
    level: Literal["central", "municipal", "district"]
    """中央, 市级, 区县."""
    year: Year
    amount_fen: Fen
    raised_on: Day
    document: Label


class Allocated(Fact):
    """Money of a fund is given to an area (分配)."""

    allocation_no: Number
    fund_no: Number | None = None
    programme: Programme
    to_division: Division
    year: Year
    amount_fen: Fen
    allocated_on: Day
    document: Label


class Appropriated(Fact):
    """The finance office hands money of a month over to the paying bank (拨付)."""

    appropriation_no: Number
    allocation_no: Number | None = None
    programme: Programme
    month: Month
    amount_fen: Fen
    appropriated_on: Day
    bank: Label
    credit_code: CreditCode | None = None
    """The bank's unified social credit code (GB 32100)."""
    batch_no: Number | None = None


class BatchSubmitted(Fact):
    """A batch of payments is on its way (发放): every date of R36 that lies before the account.

    核定 is ``decided_on``, 录入 ``entered_on``, 审核 ``audited_on``, 财政 ``to_finance_on``, 银行
    ``to_bank_on``; 到账 is each payment's ``paid_on``.
    """

    batch_no: Number
    programme: Programme
    month: Month
    bank: Label
    decided_on: Day
    entered_on: Day
    audited_on: Day
    to_finance_on: Day
    to_bank_on: Day
    household_count: Count
    person_count: Count
    amount_fen: Fen
    """What the batch pays in all."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        names = ("decided_on", "entered_on", "audited_on", "to_finance_on", "to_bank_on")
        days = [getattr(self, name) for name in names]
        for earlier, later, before, name in zip(days, days[1:], names, names[1:], strict=False):
            if later < earlier:
                raise unfit("not-before", field=name, other=before)
        return self


class BatchSettled(Fact, Generic[TextT]):
    """The bank says what became of a batch (回盘, R35): its own totals, to be compared with the payments."""

    batch_no: Number
    programme: Programme
    month: Month
    bank: Label
    settled_on: Day
    paid_count: Count
    paid_fen: FenOrNone
    failed_count: Count
    failed_fen: FenOrNone
    remarks: TextT | None = None


_FUND, _ALLOCATION, _APPROPRIATION, _BATCH = (
    ("fund_no",),
    ("allocation_no",),
    ("appropriation_no",),
    ("batch_no",),
)

_STATED: tuple[EventType, ...] = (
    EventType(
        name="dibao.funds.raised.v1",
        readable=Raised,
        model=Raised,
        key=_FUND,
        business_date="raised_on",
        unique=("fund_no",),
        requirements=("R34",),
    ),
    EventType(
        name="dibao.funds.allocated.v1",
        readable=Allocated,
        model=Allocated,
        key=_ALLOCATION,
        business_date="allocated_on",
        unique=("allocation_no",),
        requirements=("R34",),
    ),
    EventType(
        name="dibao.funds.appropriated.v1",
        readable=Appropriated,
        model=Appropriated,
        key=_APPROPRIATION,
        business_date="appropriated_on",
        unique=("appropriation_no",),
        requirements=("R34", "R36"),
    ),
    EventType(
        name="dibao.funds.batch_submitted.v1",
        readable=BatchSubmitted,
        model=BatchSubmitted,
        key=_BATCH,
        business_date="to_bank_on",
        unique=("batch_no",),
        requirements=("R34", "R36"),
    ),
    EventType(
        name="dibao.funds.batch_settled.v1",
        readable=BatchSettled[FreeText],
        model=BatchSettled[Sealed],
        key=_BATCH,
        business_date="settled_on",
        seal_under=(_BATCH,),
        requirements=("R35",),
    ),
)

TYPES: tuple[EventType, ...] = (
    *_STATED,
    EventType(
        name="dibao.funds.voided.v1",
        readable=FundsVoided[FreeText],
        model=FundsVoided[Sealed],
        seal_under=(_BATCH, _FUND, _ALLOCATION, _APPROPRIATION),
        undoes={entry.name: entry.key for entry in _STATED},
    ),
)
