"""Payments since 2018, and what came back from the bank (R3, R26, R35)."""

from collections.abc import Iterable

from sqlalchemy import BigInteger, Boolean, Column, Date, Index, PrimaryKeyConstraint, Table, Text

from events.envelope import Event
from events.words import shown
from projections.fact import METADATA, Row, version, version_columns
from projections.ledger import EVENT_ID, HOUSEHOLD, PROGRAMME, TWICE, VILLAGE, Heading, Ledger, Month, Totals

PAYMENT = Table(
    "payment",
    METADATA,
    *version_columns(),
    Column("payment_no", Text, nullable=False),
    Column("household_no", Text, nullable=False),
    Column("programme", Text, nullable=False),
    Column("month", Text, nullable=False, comment="the month paid for"),
    Column("paid_on", Date, nullable=False),
    Column("amount_fen", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("account_id", Text, nullable=False),
    Column("bank", Text),
    Column("institution", Boolean, nullable=False),
    Column("batch_no", Text, nullable=False),
    PrimaryKeyConstraint("event_id", "digest"),
)
Index("payment_order", PAYMENT.c.paid_on, PAYMENT.c.event_id, PAYMENT.c.digest)
Index("payment_number", PAYMENT.c.payment_no)
Index("payment_household", PAYMENT.c.household_no, PAYMENT.c.month)
Index("payment_month", PAYMENT.c.month, PAYMENT.c.paid_on, PAYMENT.c.event_id, PAYMENT.c.digest)

RETURNED = Table(
    "returned",
    METADATA,
    *version_columns(),
    Column("payment_no", Text, nullable=False),
    Column("household_no", Text, nullable=False),
    Column("returned_on", Date, nullable=False),
    PrimaryKeyConstraint("event_id", "digest"),
)
Index("returned_payment", RETURNED.c.payment_no)


def paid(event: Event) -> Iterable[Row]:
    """Return the row of a payment; the amount in 分."""
    data = event.data
    yield (
        PAYMENT,
        (
            *version(event),
            data.payment_no,
            data.household_no,
            data.programme,
            data.month,
            data.paid_on,
            data.amount_fen,
            data.kind,
            data.account.account_id,
            data.account.bank,
            data.account.institution,
            data.batch_no,
        ),
    )


def returned(event: Event) -> Iterable[Row]:
    """Return the row of a payment that came back."""
    data = event.data
    yield RETURNED, (*version(event), data.payment_no, data.household_no, data.returned_on)


LEDGER = Ledger(
    title="低保金发放台账",
    rows={"dibao.payments.paid.v1": paid, "dibao.payments.returned.v1": returned},
    columns=(
        Heading("paid_on", "到账日"),
        Heading("month", "月份"),
        HOUSEHOLD,
        PROGRAMME,
        Heading("amount_fen", "金额(元)"),
        Heading("kind", "类别", words=shown("payments.paid", "kind")),
        Heading(
            "status",
            "状态",
            words={"live": "有效", "returned": "已退回", "voided": "已作废", "set_aside": "存疑搁置"},
        ),
        TWICE,
        VILLAGE,
        Heading("payment_no", "发放编号"),
        Heading("serial", "流水号"),
        Heading("account_id", "账户", listed=False, sealed=True),
        Heading("bank", "银行", listed=False),
        Heading("institution", "集体账户", listed=False),
        Heading("batch_no", "批次", listed=False),
        Heading("returned_on", "退回日期", listed=False),
        Heading("source", "来源系统", listed=False),
        Heading("correlation_id", "回执", listed=False),
        EVENT_ID,
        Heading("digest", "内容摘要", listed=False),
    ),
    front=("发放", "笔"),
    order=(("paid_on", "date"), ("event_id", "uuid"), ("digest", "text")),
    area="village",
    household="household_no",
    programme="programme",
    month=Month("the month paid for", column="month"),
    totals=Totals(("amount_fen",), where=("status", ("live",))),
)
