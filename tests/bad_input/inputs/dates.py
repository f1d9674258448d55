"""Days that the calendar does not have, that are written otherwise, or that come in the wrong order."""

from datetime import datetime

from tests.bad_input import sentences as says
from tests.bad_input.table import (
    NO_CSV,
    NO_EVENT,
    NO_ROW,
    ROW_WAYS,
    InputClass,
    Statement,
    drop,
    event,
    except_by,
    given,
    put,
    row,
)

PAID, DIED, GRANTED = "payments.paid", "vitals.died", "custody.granted"
ON = "data.paid_on"


def _day(value: str, masked: str) -> tuple[Statement, ...]:
    return event(PAID, put(ON, value), ON, says.DAY), row(
        PAID, {"到账日": value}, "到账日", masked, says.DAY_CELL
    )


DATES = InputClass(
    "dates",
    (
        given("30 February", *_day("2021-02-30", "2********0")),
        given("29 February of no leap year", *_day("2021-02-29", "2********9")),
        given("month 13", *_day("2021-13-01", "2********1")),
        given("day 0", *_day("2021-06-00", "2********0")),
        given("letters for digits", *_day("2021-0l-28", "2********8")),
        given("the day first", *_day("28/06/2021", "2********1")),
        given("a year of two digits", *_day("21-06-28", "2******8")),
        given("a word", *_day("六月底", "六**")),
        given("a week", *_day("2021-W26-1", "2********1")),
        given("blanks", event(PAID, put(ON, "          "), ON, says.DAY),
            row(PAID, {"到账日": "          "}, "到账日", "", says.REQUIRED)),
        given("no day", event(PAID, drop(ON), ON, says.REQUIRED),
            row(PAID, {"到账日": ""}, "到账日", "", says.REQUIRED)),
        given("null", event(PAID, put(ON, None), ON, says.DAY), not_by=NO_ROW),
        given("without dashes", event(PAID, put(ON, "20210628"), ON, says.DAY),
            not_by=except_by("in files 20210628 is a day", *ROW_WAYS)),
        given("an instant for a day", event(PAID, put(ON, "2021-06-28T09:30:00+08:00"), ON, says.DAY),
            not_by=NO_ROW),
        given("a number for a day", event(PAID, put(ON, 20210628), ON, says.DAY), not_by=NO_ROW),
        given("a spreadsheet's number of a day in 2160",
            row(PAID, {"到账日": 95000}, "到账日", "9***0", says.DAY_NOT_NUMBER), not_by=NO_EVENT | NO_CSV),
        given("a spreadsheet's day 0",
            row(PAID, {"到账日": datetime(1900, 1, 1)}, "到账日", "1", says.DAY_FORMAT),
            not_by=NO_EVENT | NO_CSV),
        given("a year of the Republic", event(PAID, put(ON, "0110-06-28"), ON, says.DAY_SINCE),
            row(PAID, {"到账日": "0110-06-28"}, "到账日", "0********8", says.YEARS_OF_PAYMENTS)),
        given("a death written down before it happened",
            event(DIED, put("data.registered_on", "2021-09-03"), "data.registered_on",
                "the day of death or later"),
            row(DIED, {"登记日期": "2021-09-03"}, "登记日期", "2********3", "the day of death or later")),
        given("a custody that ends before it begins",
            event(GRANTED, put("data.valid_to", "2021-02-28"), "data.valid_to", "valid_from or later"),
            row(GRANTED, {"截止日期": "2021-02-28"}, "截止日期", "2********8", "valid_from or later")),
    ),
)  # fmt: skip
