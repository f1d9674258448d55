"""What cannot have happened yet, by the wall clock of intake, and what is too long ago."""

from datetime import UTC, datetime, timedelta

from events.values import local_date
from tests.bad_input import sentences as says
from tests.bad_input.table import (
    ROW_WAYS,
    InputClass,
    event,
    except_by,
    given,
    put,
    row,
)

PAID, DIED, FILED, ENROLLED, GRANTED = (
    "payments.paid",
    "vitals.died",
    "petitions.filed",
    "enrollment.enrolled",
    "custody.granted",
)
NOW = datetime.now(UTC)
IN_2_DAYS = (NOW + timedelta(days=2)).isoformat()
DAY_AFTER = local_date(NOW + timedelta(days=3)).isoformat()
_AS_EVENT = except_by("a day is named by its column: see the rows beside", *ROW_WAYS)


def _masked(day: str) -> str:
    return day[0] + "*" * 8 + day[-1]


TIME_TRAVEL = InputClass(
    "time travel",
    (
        given("an instant in two days", event(PAID, put("time", IN_2_DAYS), "time", says.INSTANT_COME),
            row(PAID, {"发生时间": "2199-06-28 09:30"}, "发生时间", "21************30", says.INSTANT_COME)),
        given("an instant in 2199",
            event(PAID, put("time", "2199-06-28T09:30:00Z"), "time", says.INSTANT_COME), not_by=_AS_EVENT),
        given("the last instant of all",
            event(PAID, put("time", "9999-12-31T23:59:59-12:00"), "time", says.INSTANT_COME),
            not_by=_AS_EVENT),
        given("the first instant of all",
            event(PAID, put("time", "0001-01-01T00:00:00+14:00"), "time", says.INSTANT_SINCE),
            not_by=_AS_EVENT),
        given("an instant in 1899",
            event(PAID, put("time", "1899-12-31T00:00:00Z"), "time", says.INSTANT_SINCE), not_by=_AS_EVENT),
        given("a payment in three days",
            event(PAID, put("data.paid_on", DAY_AFTER), "data.paid_on", says.DAY_COME),
            row(PAID, {"到账日": DAY_AFTER}, "到账日", _masked(DAY_AFTER), says.DAY_COME)),
        given("a payment in 2199",
            event(PAID, put("data.paid_on", "2199-06-28"), "data.paid_on", says.DAY_COME),
            row(PAID, {"到账日": "2199-06-28"}, "到账日", "2********8", says.YEARS_OF_PAYMENTS)),
        given("a payment before there was money",
            event(PAID, put("data.paid_on", "1899-12-31"), "data.paid_on", says.DAY_SINCE),
            row(PAID, {"到账日": "1899-12-31"}, "到账日", "1********1", says.YEARS_OF_PAYMENTS)),
        given("a death in 2098",
            event(DIED, put("data.died_on", "2098-01-01"), "data.registered_on",
                "the day of death or later"),
            row(DIED, {"死亡日期": "2098-01-01"}, "登记日期", "2********7", "the day of death or later")),
        given("a death written down in 2098",
            event(DIED, put("data.registered_on", "2098-01-01"), "data.registered_on", says.DAY_COME),
            row(DIED, {"登记日期": "2098-01-01"}, "登记日期", "2********1", says.DAY_COME)),
        given("a petition in 9999",
            event(FILED, put("data.filed_on", "9999-12-31"), "data.filed_on", says.DAY_COME),
            row(FILED, {"信访日期": "9999-12-31"}, "信访日期", "9********1", says.YEARS)),
        given("a decision in three days",
            event(ENROLLED, put("data.decided_on", DAY_AFTER), "data.decided_on", says.DAY_COME),
            row(ENROLLED, {"审批日期": DAY_AFTER}, "审批日期", _masked(DAY_AFTER), says.DAY_COME)),
        given("a custody filed in 2199",
            event(GRANTED, put("data.filed_on", "2199-01-01"), "data.filed_on", says.DAY_COME),
            row(GRANTED, {"备案日期": "2199-01-01"}, "备案日期", "2********1", says.YEARS)),
        given("a day before Christ",
            event(PAID, put("data.paid_on", "-001-06-28"), "data.paid_on", says.DAY),
            row(PAID, {"到账日": "-001-06-28"}, "到账日", "-********8", says.DAY_CELL)),
    ),
)  # fmt: skip
