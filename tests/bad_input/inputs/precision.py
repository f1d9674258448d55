"""Numbers that lose digits, are too large, or are not what they look like."""

from tests.bad_input import sentences as says
from tests.bad_input.table import (
    ARRAY,
    NO_CSV,
    NO_EVENT,
    ROW_WAYS,
    Encoded,
    InputClass,
    event,
    except_by,
    given,
    put,
    row,
)

PAID, ADOPTED, DIED = "payments.paid", "policy.adopted", "vitals.died"
FEN = "data.amount_fen"
VALUE = "a number of at most 64 bits, true, false, or a text of 1 to 256 characters"
_JSON_ONLY = except_by("a form reads digits, and no other spelling of numbers", *ROW_WAYS)


def _amount(spelled: bytes) -> Encoded:
    return lambda raw: raw.replace(b"54000", spelled)


PRECISION = InputClass(
    "precision",
    (
        given("an integer with a point", event(PAID, None, FEN, says.INTEGER, encoded=_amount(b"54000.0")),
            not_by=_JSON_ONLY),
        given("an integer as a power of ten",
            event(PAID, None, FEN, says.INTEGER, encoded=_amount(b"5.4e4")), not_by=_JSON_ONLY),
        given("a nought before it",
            event(PAID, None, "event", says.JSON, named=False, encoded=_amount(b"054000")),
            not_by=_JSON_ONLY | except_by("the array with it is no JSON as a whole", ARRAY)),
        given("less than nothing by nothing",
            event(PAID, None, FEN, says.MORE_THAN_0, encoded=_amount(b"-0")), not_by=_JSON_ONLY),
        given("5,000 digits",
            event(PAID, None, "event", says.NUMBERS, named=False, encoded=_amount(b"9" * 5000)),
            not_by=_JSON_ONLY),
        given("30 digits", event(PAID, None, FEN, says.AT_MOST_FEN, encoded=_amount(b"9" * 30)),
            row(PAID, {"金额": "9" * 30}, "金额", "99****************99", says.MOST_YUAN)),
        given("ten to the power of 400",
            event(PAID, None, "event", says.NUMBERS, named=False, encoded=_amount(b"1e400")),
            not_by=_JSON_ONLY),
        given("a policy's value of 30 digits",
            event(ADOPTED, put("data.value", 10**30), "data.value", VALUE),
            row(ADOPTED, {"参数值": "9" * 30}, "参数值", "99****************99",
                "a number of at most 18 digits, 是, 否, or a text")),
        given("a policy's value that is a list", event(ADOPTED, put("data.value", [3]), "data.value", VALUE),
            not_by=_JSON_ONLY),
        given("a policy's value that is null", event(ADOPTED, put("data.value", None), "data.value", VALUE),
            not_by=_JSON_ONLY),
        given("a policy's value of 257 characters",
            event(ADOPTED, put("data.value", "x" * 257), "data.value", VALUE),
            row(ADOPTED, {"参数值": "x" * 257}, "参数值", "xx****************xx", VALUE)),
        given("an account that a spreadsheet holds as a number",
            row(PAID, {"账号": 6217000000007922000}, "账号", "6.****************18", says.LOST_DIGITS),
            not_by=NO_EVENT | NO_CSV),
        given("an ID number that a spreadsheet holds as a number",
            row(DIED, {"身份证号": 500102196011093454}, "身份证号", "5.****************17",
                says.LOST_DIGITS), not_by=NO_EVENT | NO_CSV),
        given("an ID number that a spreadsheet shows as a power of ten",
            event(DIED, put("data.person.id_number", "5.00102E+17"), "data.person.id_number",
                says.ID_NUMBER),
            row(DIED, {"身份证号": "5.00102E+17"}, "身份证号", "5*********7", says.SCIENTIFIC)),
        given("an account with a fraction",
            row(PAID, {"账号": 62170000.5}, "账号", "6********5", says.ACCOUNT), not_by=NO_EVENT | NO_CSV),
    ),
)  # fmt: skip
