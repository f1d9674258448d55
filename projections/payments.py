"""Payments since 2018, and what came back from the bank (R3, R26, R35)."""

from collections.abc import Iterable

from sqlalchemy import BigInteger, Boolean, Column, Date, Index, PrimaryKeyConstraint, Table, Text

from events.envelope import Event
from projections.fact import METADATA, Row, RowsOf, version, version_columns

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


ROWS: dict[str, RowsOf] = {
    "dibao.payments.paid.v1": paid,
    "dibao.payments.returned.v1": returned,
}
