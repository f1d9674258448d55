"""Amounts of money."""

from tests.bad_input import sentences as says
from tests.bad_input.table import (
    NO_CSV,
    NO_EVENT,
    NO_ROW,
    InputClass,
    Row,
    drop,
    event,
    given,
    put,
    row,
)

PAID, ENROLLED = "payments.paid", "enrollment.enrolled"
FEN = "data.amount_fen"


def _yuan(value: object, masked: str) -> Row:
    return row(PAID, {"金额": value}, "金额", masked, says.YUAN)


AMOUNTS = InputClass(
    "amounts",
    (
        given("nothing", event(PAID, put(FEN, 0), FEN, says.MORE_THAN_0), _yuan("0", "0")),
        given("less than nothing", event(PAID, put(FEN, -54000), FEN, says.MORE_THAN_0),
            _yuan("-540.00", "-*****0")),
        given("less than nothing, as accountants write it", _yuan("(540.00)", "(******)"), not_by=NO_EVENT),
        given("more than there is", event(PAID, put(FEN, 10**12 + 1), FEN, says.AT_MOST_FEN),
            row(PAID, {"金额": "10000000000.01"}, "金额", "10**********01", says.MOST_YUAN)),
        given("a third of a 分", event(PAID, put(FEN, 54000.333), FEN, says.INTEGER),
            _yuan("540.00333", "5*******3")),
        given("half a 分 in a spreadsheet's number", _yuan(540.005, "5*****5"), not_by=NO_EVENT | NO_CSV),
        given("text", event(PAID, put(FEN, "54000"), FEN, says.INTEGER), _yuan("五百四十元", "五***元")),
        given("元 and 角", event(PAID, put(FEN, "540元"), FEN, says.INTEGER), _yuan("540元5角", "5****角")),
        given("another currency", event(PAID, put(FEN, "$540"), FEN, says.INTEGER), _yuan("$540", "$**0")),
        given("two points", event(PAID, put(FEN, "5.400.00"), FEN, says.INTEGER),
            _yuan("5.400.00", "5******0")),
        given("commas at the wrong places", _yuan("54,0.00", "5*****0"), not_by=NO_EVENT),
        given("a sum of two", event(PAID, put(FEN, "300+240"), FEN, says.INTEGER),
            _yuan("300+240", "3*****0")),
        given("the power of ten of a spreadsheet", event(PAID, put(FEN, "5.4E+02"), FEN, says.INTEGER),
            _yuan("5.4E+02", "5*****2")),
        given("true", event(PAID, put(FEN, True), FEN, says.INTEGER), _yuan(True, "是"), not_by=NO_CSV),
        given("a day", _yuan("2021-06-28", "2********8"), not_by=NO_EVENT),
        given("null", event(PAID, put(FEN, None), FEN, says.INTEGER), not_by=NO_ROW),
        given("no amount", event(PAID, drop(FEN), FEN, says.REQUIRED),
            row(PAID, {"金额": ""}, "金额", "", says.REQUIRED)),
        given("a list", event(PAID, put(FEN, [54000]), FEN, says.INTEGER), not_by=NO_ROW),
        given("a member's part of nothing",
            event(ENROLLED, put("data.members.0.entitlement_fen", 0), "data.members.0.entitlement_fen",
                says.MORE_THAN_0), row(ENROLLED, {"个人金额": "0.00"}, "个人金额", "0**0", says.YUAN)),
    ),
)  # fmt: skip
