"""Cells that a spreadsheet would compute: read as what they are, or refused.

What begins with +, - or @ is text, and harmless where it is read. What dibao exports is computed by nobody:
see ``test_exports``.
"""

from tests.bad_input import sentences as says
from tests.bad_input.sending import Shown
from tests.bad_input.table import (
    EVENT_WAYS,
    KAFKA,
    ROW_WAYS,
    InputClass,
    Statement,
    Step,
    Steps,
    Way,
    event,
    except_by,
    given,
    put,
    row,
)

PAID, FILED = "payments.paid", "petitions.filed"
_AS_TEXT = except_by("as an event it is a text like others", *EVENT_WAYS)


def _text(value: str, header: str = "户号", path: str = "data.household_no") -> tuple[Statement, ...]:
    """Taken as text by every way."""
    return tuple(
        Steps(
            1,
            (
                Step(
                    way,
                    () if way is KAFKA else ("accepted",),
                    ({header: Shown(value)} if way in ROW_WAYS else put(path, value),),
                ),
            ),
        )
        for way in Way
    )


INJECTION = InputClass(
    "csv injection",
    (
        given("a formula in an amount", row(PAID, {"金额": "=500+40"}, "金额", "=*****0", says.FORMULA),
            not_by=_AS_TEXT),
        given("a formula in a name",
            row(PAID, {"户名": '=HYPERLINK("http://x","金和义")'}, "户名", '=H****************")',
                says.FORMULA), not_by=_AS_TEXT),
        given("a text that looks like a formula",
            row(PAID, {"户号": Shown("=LZ000817")}, "户号", "=*******7", says.FORMULA), not_by=_AS_TEXT),
        given("a command",
            row(PAID, {"开户行": Shown("=cmd|' /C calc'!A0")}, "开户行", "=c**************A0", says.FORMULA),
            not_by=_AS_TEXT),
        given("a formula after a tab",
            event(PAID, put("data.household_no", "\t=1+1"), "data.household_no", says.NUMBER),
            row(PAID, {"户号": Shown("\t=1+1+1")}, "户号", "=****1", says.FORMULA)),
        given("a formula in the matter of a petition",
            row(FILED, {"事项": Shown("=IMPORTXML(1)")}, "事项", "=I*********1)", says.FORMULA),
            not_by=_AS_TEXT),
        given("a plus", *_text("+1+cmd|'/C/calc'!A0")),
        given("a minus", *_text("-2+3")),
        given("an at sign", *_text("@SUM(1+1)")),
        given("a full-width equals sign", *_text("＝1+1")),
        given("a formula by HTTP or Kafka, where it is a text",
            *(
                Steps(1,
                    (
                        Step(way, () if way is KAFKA else ("accepted",),
                            (put("data.household_no", "=1+1"),)),)) for way in EVENT_WAYS),
            not_by=except_by("in a file it may have been meant as one", *ROW_WAYS)),
    ),
)  # fmt: skip
