"""Business numbers with something in them that nobody sees, or with a blank."""

from tests.bad_input import sentences as says
from tests.bad_input.table import ROW_WAYS, Input, InputClass, event, except_by, given, put, row

PAID, GRANTED, FILED = "payments.paid", "custody.granted", "petitions.filed"
_TRIMMED = except_by("what is unseen around a cell's text is nothing", *ROW_WAYS)


def _with(
    name: str,
    number: str,
    masked: str,
    expected: str = says.NUMBER,
    *,
    short: str = PAID,
    field: str = "household_no",
    header: str = "户号",
) -> Input:
    return given(
        name,
        event(short, put(f"data.{field}", number), f"data.{field}", expected),
        row(short, {header: number}, header, masked, expected),
    )


NUMBERS = InputClass(
    "numbers",
    (
        _with("a joiner", "LZ\u200d817", "L****7"),
        _with("a joiner of none", "LZ\u200c817", "L****7"),
        _with("a blank without width", "LZ\u200b817", "L****7"),
        _with("a byte order mark", "LZ\ufeff817", "L****7"),
        _with("a soft hyphen", "LZ\u00ad817", "L****7"),
        _with("a variation selector", "LZ\ufe0f817", "L****7"),
        _with("a mark of direction", "LZ\u202e817", "L****7"),
        _with("a Hangul filler", "LZ\u3164817", "L****7"),
        _with("a Braille cell without dots", "LZ\u2800817", "L****7"),
        _with("a combining mark", "LZ8\u030117", "L****7"),
        _with("a tag", "LZ\U000e0041817", "L****7"),
        _with("a private character", "LZ\ue000817", "L****7"),
        _with("a lost character at its end", "LZ817\ufffd", "L****\ufffd"),
        _with("a Mongolian vowel separator", "LZ\u180e817", "L****7"),
        _with("a blank", "LZ 817", "L****7", says.NUMBER_BLANKS),
        _with("a blank that does not break", "LZ\u00a0817", "L****7", says.NUMBER_BLANKS),
        _with("an ideographic blank", "LZ\u3000817", "L****7", says.NUMBER_BLANKS),
        _with("a line break in a custody's number", "DG\n42", "D***2", short=GRANTED, field="custody_no",
            header="代管编号"),
        _with("a joiner in a petition's number", "XF\u200d31", "X***1", short=FILED, field="petition_no",
            header="信访编号"),
        given("a joiner at the end", event(PAID, put("data.household_no", "LZ817\u200b"),
            "data.household_no", says.NUMBER), not_by=_TRIMMED),
        given("a blank at the end", event(PAID, put("data.household_no", "LZ817\u3000"),
            "data.household_no", says.NUMBER_BLANKS), not_by=_TRIMMED),
    ),
)  # fmt: skip
