"""Months and periods."""

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

PAID, ENROLLED, EXITED = "payments.paid", "enrollment.enrolled", "enrollment.exited"
FOR = "data.month"


def _month(value: str, masked: str) -> tuple[Statement, ...]:
    return event(PAID, put(FOR, value), FOR, says.MONTH), row(
        PAID, {"发放月": value}, "发放月", masked, says.MONTH
    )


MONTHS = InputClass(
    "months",
    (
        given("month 13", *_month("2021-13", "2*****3")),
        given("month 0", *_month("2021-00", "2*****0")),
        given("a year of two digits", *_month("21-06", "2***6")),
        given("the year 2121", *_month("2121-06", "2*****6")),
        given("the year 1821", *_month("1821-06", "1*****6")),
        given("a quarter", *_month("2021-Q2", "2*****2")),
        given("from month to month", *_month("2021-01~2021-06", "20***********06")),
        given("a word", *_month("上半年", "上**")),
        given("a month and part of a day", *_month("2021-06-", "2******-")),
        given("full-width digits", event(PAID, put(FOR, "２０２１-06"), FOR, says.MONTH),
            not_by=except_by("in files full-width digits are digits", *ROW_WAYS)),
        given("Arabic digits", event(PAID, put(FOR, "20٢1-06"), FOR, says.MONTH),
            not_by=except_by("in files the digits of every script are digits", *ROW_WAYS)),
        given("a line break after it", event(PAID, put(FOR, "2021-06\n"), FOR, says.MONTH),
            not_by=except_by("cells are read without the blanks around them", *ROW_WAYS)),
        given("without a dash", event(PAID, put(FOR, "202106"), FOR, says.MONTH),
            not_by=except_by("in files 202106 is a month", *ROW_WAYS)),
        given("a number", event(PAID, put(FOR, 202106), FOR, says.TEXT),
            not_by=except_by("in files 202106 is a month", *ROW_WAYS)),
        given("no month", event(PAID, drop(FOR), FOR, says.REQUIRED),
            row(PAID, {"发放月": ""}, "发放月", "", says.REQUIRED)),
        given("a number with a fraction, as a spreadsheet makes of 2021.10",
            row(PAID, {"发放月": 2021.1}, "发放月", "2****1", "a month like 2021-06, as text"),
            not_by=NO_EVENT | NO_CSV),
        given("no first month of a household",
            event(ENROLLED, put("data.from_month", ""), "data.from_month", says.MONTH),
            row(ENROLLED, {"起始月": ""}, "起始月", "", says.REQUIRED)),
        given("a last month that is a day that is none",
            event(EXITED, put("data.stop_month", "2021-02-30"), "data.stop_month", says.MONTH),
            row(EXITED, {"停发月": "2021-02-30"}, "停发月", "2********0", says.MONTH)),
        given("null", event(PAID, put(FOR, None), FOR, says.TEXT), not_by=NO_ROW),
    ),
)  # fmt: skip
