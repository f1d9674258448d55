"""Types that are none, not yet, no longer, of another context, or not upstream's to state."""

from tests.bad_input import sentences as says
from tests.bad_input.sending import csv_bytes
from tests.bad_input.table import (
    CSV,
    EVENT_WAYS,
    NO_ROW,
    XLSX,
    InputClass,
    Upload,
    drop,
    event,
    except_by,
    given,
    put,
)

PAID = "payments.paid"
OF_PAYMENTS = says.types_of("payments")
_NO_EVENT = except_by("an event says its type itself", *EVENT_WAYS)
NO_FORM = (
    "a type of which there is a form, in the context payments:"
    " paid（资金发放）、returned（资金退回）、recovered（资金追回）"
)

TYPES = InputClass(
    "types",
    (
        given("no type", event(PAID, drop("type"), "type", says.TYPE, named=False), not_by=NO_ROW),
        given("an empty type", event(PAID, put("type", ""), "type", says.TYPE, named=False), not_by=NO_ROW),
        given("a number as type", event(PAID, put("type", 1), "type", says.TYPE, named=False), not_by=NO_ROW),
        given("a type of 257 characters",
            event(PAID, put("type", "d" * 257), "type", says.TYPE, named=False), not_by=NO_ROW),
        given("an unknown type", event(PAID, put("type", "dibao.payments.borrowed.v1"), "type", OF_PAYMENTS),
            not_by=NO_ROW),
        given("a version to come", event(PAID, put("type", "dibao.payments.paid.v2"), "type", OF_PAYMENTS),
            not_by=NO_ROW),
        given("no version", event(PAID, put("type", "dibao.payments.paid"), "type", OF_PAYMENTS),
            not_by=NO_ROW),
        given("capitals", event(PAID, put("type", "dibao.Payments.Paid.v1"), "type", OF_PAYMENTS),
            not_by=NO_ROW),
        given("a blank after it", event(PAID, put("type", "dibao.payments.paid.v1 "), "type", OF_PAYMENTS),
            not_by=NO_ROW),
        given("a type of another context",
            event(PAID, put("type", "dibao.vitals.died.v1"), "type", OF_PAYMENTS), not_by=NO_ROW),
        given("the closing of a day, which is dibao's own",
            event(PAID, put("type", "dibao.calendar.day_closed.v1"), "type", OF_PAYMENTS), not_by=NO_ROW),
        given("an anomaly, which is dibao's own",
            event(PAID, put("type", "dibao.anomalies.withdrawn.v1"), "type", OF_PAYMENTS), not_by=NO_ROW),
        given("a file declared to be of another context",
            Upload(CSV, NO_FORM, csv_bytes, field="type", fields={"type": "dibao.vitals.died.v1"}),
            not_by=_NO_EVENT | except_by("as csv", XLSX)),
        given("a file declared to be of a type without form",
            Upload(CSV, NO_FORM, csv_bytes, field="type", fields={"type": "dibao.payments.voided.v1"}),
            not_by=_NO_EVENT | except_by("as csv", XLSX)),
    ),
)  # fmt: skip
