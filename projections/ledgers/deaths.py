"""Recipients who died: registered and stopped when, overpaid and recovered how much (死亡停发, R33)."""

from collections.abc import Iterable

from sqlalchemy import BigInteger, Column, Date, Index, PrimaryKeyConstraint, Table, Text

from events.envelope import Event
from projections.fact import METADATA, Row, version, version_columns
from projections.ledger import EVENT_ID, HOUSEHOLD, PROGRAMME, VILLAGE, Heading, Ledger, Month, Totals

RECOVERY = Table(
    "recovery",
    METADATA,
    *version_columns(),
    Column("recovery_no", Text, nullable=False),
    Column("household_no", Text, nullable=False),
    Column("programme", Text, nullable=False),
    Column("recovered_on", Date, nullable=False),
    Column("amount_fen", BigInteger, nullable=False),
    Column("cause", Text, nullable=False),
    PrimaryKeyConstraint("event_id", "digest"),
)
Index("recovery_household", RECOVERY.c.household_no, RECOVERY.c.programme)


def recovered(event: Event) -> Iterable[Row]:
    """Return the row of money that came back from a household, without who paid it and why."""
    data = event.data
    yield (
        RECOVERY,
        (
            *version(event),
            data.recovery_no,
            data.household_no,
            data.programme,
            data.recovered_on,
            data.amount_fen,
            data.cause,
        ),
    )


LEDGER = Ledger(
    title="死亡停发台账",
    rows={"dibao.payments.recovered.v1": recovered},
    columns=(
        Heading("registered_on", "登记日期"),
        Heading("died_on", "死亡日期"),
        Heading("registry", "登记单位", listed=False),
        Heading("person", "对象", listed=False, sealed=True),
        HOUSEHOLD,
        PROGRAMME,
        Heading("stop_month", "停发月"),
        Heading("stopped_on", "停发决定日期"),
        Heading("days_taken", "登记至停发天数"),
        Heading("overpaid_months", "死亡后发放月数"),
        Heading("overpaid_fen", "多发金额"),
        Heading("recovered_fen", "全户追回金额"),
        Heading("status", "状态", words={"stopped": "已停发", "going_on": "未停发"}),
        VILLAGE,
        EVENT_ID,
        Heading("stopped_by", "停发事实", listed=False),
    ),
    order=(("registered_on", "date"), ("household_no", "text"), ("programme", "text"), ("person", "text")),
    area="village",
    household="household_no",
    programme="programme",
    month=Month("the month of registration", day="registered_on"),
    totals=Totals(("overpaid_fen",)),
)
