"""A list as a file, whatever its texts are, and what is added up below it."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO

import openpyxl
import pytest

from projections.ledger import Heading, Totals
from services.reporting.exports.files import Kind, file_of
from services.reporting.exports.listing import Basis, Listing, Sums, width
from services.reporting.exports.pdf import TypesettingError, typeset
from services.reporting.paging import Row

COLUMNS = (
    Heading("village", "村(社区)"),
    Heading("status", "状态", words={"live": "有效", "returned": "已退回"}),
    Heading("amount_fen", "金额(元)"),
    Heading("text", "说明"),
    Heading("members", "成员", words={"kin": "近亲属"}, listed=False),
)
BASIS = Basis("", date(2021, 6, 30), None, date(2021, 7, 1))


def row(text: object = "x", fen: int | None = 12345, status: str = "live") -> Row:
    return {
        "village": "500102008201",
        "status": status,
        "amount_fen": fen,
        "text": text,
        "members": [{"kind": "kin", "n": 1}, "kin"],
    }


def listing(*pages: Sequence[Row], totals: Totals | None = None) -> Listing:
    async def read() -> AsyncIterator[Sequence[Row]]:
        for page in pages:
            yield page

    return Listing(title="台账", columns=COLUMNS, basis=BASIS, pages=read(), area="village", totals=totals)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (True, "是"),
        (date(2021, 6, 30), date(2021, 6, 30)),
        (datetime(2021, 6, 30, 20, 0, tzinfo=UTC), "2021-07-01 04:00:00"),
        (None, None),
        (7, 7),
        ("=1+1", "=1+1"),
    ],
)
def test_what_people_read(value: object, shown: object) -> None:
    assert listing().values(row(value), COLUMNS) == [
        "荔枝街道鹅颈关村 500102008201", "有效", Decimal("123.45"), shown, "近亲属 1；近亲属"
    ]  # fmt: skip


def test_only_what_counts_is_added_up() -> None:
    where = Totals(("amount_fen",), where=("status", ("live",)))
    sums = Sums(listing(totals=where))
    sums.add([row(), row(fen=None), row(fen=5, status="returned")])
    sums.add([row(fen=55)])
    assert (sums.label, sums.amount(COLUMNS[2])) == ("合计（仅计有效；共 4 条）", Decimal("124.00"))
    assert sums.amount(COLUMNS[3]) is None
    assert Sums(listing(totals=Totals(("amount_fen",)))).label == "合计（共 0 条）"
    assert Sums(listing()).label == "共 0 条"


def test_a_blank_is_left_for_whoever_reports_and_amounts_have_their_unit() -> None:
    assert listing().line == (
        "填报单位：＿＿＿＿＿＿＿＿    截至2021-06-30    打印日期：2021-07-01    金额单位：元"
    )
    assert (width("荔枝 LZ1"), width(Decimal("1234567.8")), width(None)) == (8, 12, 0)


MARKUP = ["#panic()", "*a* _b_ $x$ `c` \\ @d <e> // f", '"]#[', "=1+1", "a" * 300, "字" * 300, "A\u200bB", ""]


@pytest.mark.parametrize("kind", ["pdf", "xlsx", "csv"])
async def test_no_text_is_markup(kind: Kind) -> None:
    with await file_of(listing([row(text) for text in MARKUP], [row()]), kind) as file:
        if kind == "xlsx":
            sheet = openpyxl.load_workbook(file).active
            assert [sheet.cell(at, 4).value or "" for at in range(4, 12)] == MARKUP
        else:
            assert len(file.read()) > 1000


async def test_what_typst_says_is_told() -> None:
    with pytest.raises(TypesettingError, match='dictionary does not contain key "title"'):
        await typeset("list.typ", {}, BytesIO())
