"""What intake says was expected, as upstream reads it."""

from datetime import UTC, datetime

from deploy.contexts import forms_of
from events.catalogue import TYPES, UPSTREAM_CONTEXTS
from events.expectations import EXPECTED
from events.values import local_date
from services.intake.sentences import say

JSON = "JSON in UTF-8: a structured CloudEvent"
OBJECT = "a JSON object: a structured CloudEvent"
FLAT = "JSON that is nested less deeply"
ONCE = "every field once in an object"
NUMBERS = "numbers of at most 64 bits"
ID = "a text of 1 to 256 characters, unique within the source"
SOURCE = "a URI of 1 to 256 characters: who states the fact"
CLEAN = "no control characters, nothing invisible, and no blanks before or after it"
INSTANT = "an instant with its zone, like 2021-06-28T09:30:00+08:00"
INSTANT_COME = "an instant that has come, or comes within 24 hours"
INSTANT_SINCE = "an instant from the year 1900 on"
TYPE = "the name of an event type"
DATA = "an object with the fact's fields"
PACKED = "JSON in UTF-8, packed as base64"
JSON_TYPE = "application/json"

REQUIRED = "a value: it is required"
UNKNOWN = "no such field"
AN_OBJECT = "an object"
A_LIST = "a list"
TEXT = "a text"
INTEGER = "an integer"
TRUTH = "true or false"
MORE_THAN_0 = "more than 0"
AT_MOST_FEN = "at most 1000000000000"
YUAN = "an amount in 元 with at most 2 decimals, more than 0"
MOST_YUAN = "an amount of at most 10000000000 元"

LAST_YEAR = local_date(datetime.now(UTC)).year + 1
YEARS_OF_PAYMENTS = f"a day of the years 2000 to {LAST_YEAR}"
YEARS = "a day of the years 1900 to 2099"
FORMAT_UNREAD = say("format-unread").english
DAY_IN_TEXT = say("day-in-text").english
DAY_NOT_NUMBER = say("day-not-number").english
YES_NO_IN_TEXT = say("yes-no-in-text").english
AMOUNT_SHOWN = say("amount-shown").english
MONTH_AS_TEXT = say("month-as-text").english
PERCENT = say("whole-number-within", least=0, most=100).english
SCIENTIFIC = say("scientific").english
INSTANT_CELL = "an instant like 2021-06-28 09:30"
DAY = "a date like 2021-06-28"
DAY_CELL = "a day like 2021-06-28"
DAY_SINCE = "a day from the year 1900 on"
DAY_COME = "a day that has come, or comes within 24 hours"
MONTH = "a month like 2021-06"
DIVISION = "a division code of 12 digits"

NAME = "a name has no control characters, nothing invisible and no lost characters"
NUMBER = "a number has no control characters, nothing invisible and no lost characters"
WORD = "a word has no control characters, nothing invisible and no lost characters"
NUMBER_BLANKS = EXPECTED["number-blanks"]
ACCOUNT = EXPECTED["account-number-form"]
ID_NUMBER = EXPECTED["id-number-form"]
ID_BORN = "the ID number's date of birth (characters 7 to 14) is not a date"
ID_CHECK = "the ID number's check digit is wrong"
ONE_IDENTITY = "id_number, or local_no where the ID number is unknown (not both)"
NO_ID_NUMBER = "a value that does not hold what looks like an ID number: this field is shown to all"
PROGRAMME = "'urban_dibao', 'rural_dibao', 'tekun' or 'temporary_relief'"

FORMULA = "a value, not a formula"
CELL_ERROR = "a value, not an error of the spreadsheet"
LOST_DIGITS = "text: as a number a spreadsheet keeps 15 digits only, the others are lost"
QUOTES = "quotation marks in pairs, and cells of at most 131072 characters"
ENCODED = "characters of the encoding of the file"
SURPLUS = "no more cells than the header row has"
WORKBOOK = "a workbook (.xlsx) that can be opened"
WHOLE_WORKBOOK = "a workbook (.xlsx) that can be read to its end"
NO_BOMB = "a workbook that does not unpack to far more than its size"
UNLOCKED = "a workbook (.xlsx) without a password: this is an old one (.xls, .et) or locked; save it as .xlsx"
NO_WORKBOOK = "the name of a text file to end in .csv, not in .xlsx"
A_WORKBOOK = "the name of a workbook to end in .xlsx, not in .csv"
REPAIRED = "a workbook (.xlsx) whose rows and cells stand in order, each once: open it and save it again"
NO_LINES = say("no-lines").english
DAY_FORMAT = say("day-format").english
EMPTY = say("file-empty").english
TYPE_UNKNOWN = say("type-unknown", contexts=", ".join(UPSTREAM_CONTEXTS)).english
TEXT_FILE = "text in UTF-8 or GB18030"
WHOLE_ROW = "整行"
KEY = "Bearer and a key that is not revoked"
SIGNATURE = "v1, the source and the HMAC of the record, made with a key that is not revoked"


def other_kind(kind: str) -> str:
    """Return what is said of a file of a kind that is not read."""
    return f"a file of the kind csv, xlsx or ndjson: this one is {kind}; open it and save it as .xlsx"


def missing(columns: str, unknown: str = "", row: int = 1) -> str:
    """Return what is said where a row is the header row of payments but for some columns."""
    said = f"the columns {columns} of the form 资金发放: row {row} was read as its header row"
    return f"{said}, in which {unknown} was not understood" if unknown else said


def unit_above(unit: str) -> str:
    """Return what is said where a unit is said above a table of amounts."""
    return (
        f"amounts in 元: {unit} is said above the table; say the unit in the header of each amount,"
        f" like 金额({unit}), or convert them"
    )


def headers_of(context: str) -> str:
    """Return what is said where a file has the headers of no form of a context."""
    forms = (
        f"{form.title}: " + "、".join(column.header for column in form.columns if column.required)
        for form in forms_of(context)
    )
    return f"a header row with the columns of one form ({'; '.join(forms)})"


def types_of(context: str) -> str:
    """Return what is said where a type is none of a context."""
    names = (entry.name for entry in TYPES if entry.context == context and entry.from_upstream)
    return f"a type of the context {context}: {', '.join(names)}"
