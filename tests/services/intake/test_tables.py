"""Tables as offices hand them over: what is read, what is passed over, what is refused, and what is said."""

import csv
import io
import time
import zipfile
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.contexts import forms_of
from services.intake.answers import FileRefused
from services.intake.headers import unit_above
from services.intake.tables import Row, Table, read_csv, read_xlsx
from services.intake.templates import template
from services.intake.workbook import ShownMonth, ShownNumber
from tests.services.intake.workbooks import OFFICE, entries_of, package

HEADER = [
    "流水号", "发放编号", "户号", "救助类别", "发放月", "到账日", "金额", "发放类型", "账号", "户名",
    "批次",
]  # fmt: skip
PAID = [
    "S{0}", "P{0}", "H1", "农村低保", "2021-06", "2021-06-28", "540.00", "常规", "6217009900000016",
    "钟启明", "B1",
]  # fmt: skip
Rows = list[list[Any]]


def paid(number: int, **cells: Any) -> list[Any]:
    """A good row of a payment, with other cells."""
    row = [cell.format(number) for cell in PAID]
    for name, value in cells.items():
        row[HEADER.index(name)] = value
    return row


def csv_file(rows: Rows, encoding: str = "utf-8", delimiter: str = ",") -> io.BytesIO:
    """The rows as a csv file."""
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    return io.BytesIO(out.getvalue().encode(encoding))


def xlsx_file(rows: Rows, change: Callable[[Any], object] = lambda sheet: None) -> io.BytesIO:
    """The rows as a workbook, changed as somebody would."""
    book = openpyxl.Workbook()
    sheet: Any = book.active
    for row in rows:
        sheet.append(row)
    change(sheet)
    out = io.BytesIO()
    book.save(out)
    out.seek(0)
    return out


def read(file: io.BytesIO, context: str = "payments") -> tuple[Table, list[Row]]:
    """The table of a file, whichever of both it is, and all its rows."""
    start = file.getvalue()[:2]
    table = (read_xlsx if start == b"PK" else read_csv)(file, forms_of(context))
    return table, list(table.rows)


def said(table: Table) -> list[tuple[int, str, str]]:
    """What is said of a table, in Chinese."""
    return [(doubt.row, doubt.column, doubt.sentence.chinese) for doubt in table.doubts]


def numbers(rows: Sequence[Row]) -> list[int]:
    """The numbers of the rows."""
    return [row.number for row in rows]


def refused(file: io.BytesIO, context: str = "payments") -> str:
    """By which code a file is refused."""
    with pytest.raises(FileRefused) as caught:
        read(file, context)
    return caught.value.sentence.code


# Separators and encodings


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_the_separator_is_the_one_that_parts_the_headers(encoding: str, delimiter: str) -> None:
    other = "; ".join(f"问题{number}, 又一" for number in range(20))
    file = csv_file([[f"发放表 {other}"], HEADER, paid(1, 户名=other)], encoding, delimiter)
    _, rows = read(file)
    assert rows == [Row(3, tuple(paid(1, 户名=other)))]


@pytest.mark.parametrize("line", ["sep=;", "SEP=;", "\ufeffsep=;"])
def test_the_line_that_says_the_separator_is_no_row(line: str) -> None:
    content = f"{line}\r\n".encode() + csv_file([HEADER, paid(1)], delimiter=";").getvalue()
    assert numbers(read(io.BytesIO(content))[1]) == [2]


@pytest.mark.parametrize("separator", ["，", "  ", "^"])
def test_cells_that_nothing_parts_are_said_to_be(separator: str) -> None:
    content = "\n".join(separator.join(row) for row in (HEADER, paid(1)))
    assert refused(io.BytesIO(content.encode())) == "csv-separator"


@pytest.mark.parametrize("encoding", ["big5hkscs", "shift_jis", "utf-16-le", "utf-32"])
def test_other_encodings_are_refused_by_name(encoding: str) -> None:
    header = [name.encode(encoding, "replace").decode(encoding) for name in HEADER]
    content = (
        ",".join(header) + "\r\n" + ",".join(paid(1, 救助类别="農村低保", 发放类型="常規", 户名="鐘啟明"))
    )
    assert refused(io.BytesIO(content.encode(encoding, "replace"))) == "utf-8-or-gb18030"


def test_text_in_gb18030_without_a_header_is_not_called_undecodable() -> None:
    assert refused(csv_file([["姓氏", "年龄", "民族"], ["钟", "12", "汉"]], "gb18030")) == "header-row"


@pytest.mark.parametrize("end", ["", "\n"])
@pytest.mark.parametrize("last", ["区划代码", "批次", "账号"])
def test_a_file_whose_line_ends_were_taken_out_is_refused(last: str, end: str) -> None:
    header = [name for name in HEADER if name != last] + [last]
    content = ",".join(header) + "".join(",".join(paid(number)) for number in (1, 2, 3)) + end
    assert refused(io.BytesIO(content.encode())) == "csv-one-line"


@pytest.mark.parametrize("missing", ["金额", "户号", "批次"])
def test_a_header_row_alone_that_lacks_a_column_lost_no_line_ends(missing: str) -> None:
    header = [name for name in HEADER if name != missing] + ["序号", "备注", "经办人", "联系电话", "村组"]
    assert refused(csv_file([header])) == "header-missing-unknown"


def test_a_header_row_alone_is_a_table_without_rows() -> None:
    for file in (csv_file([HEADER]), xlsx_file([HEADER])):
        table, rows = read(file)
        assert (rows, table.doubts) == ([], [])


def test_lines_of_separators_are_nothing() -> None:
    rows: Rows = [HEADER, *[[""] * 11] * 3, paid(1), *[[" "] * 11] * 3]
    table, found = read(csv_file(rows))
    assert numbers(found) == [5]
    assert table.doubts == []


# Headers


@pytest.mark.parametrize(
    "header",
    [
        "户号\u200b",
        "\ufeff户\u200d号",
        "户\u00a0 号",
        "户\n号",
        "户\u3000号：",
        "*户号",
        "户号（必填）",
        "户号\ufe0f",
        "户号\u2060\u00ad",
        "户号\u3164",
    ],
)
def test_what_is_not_seen_in_a_header_is_nothing(header: str) -> None:
    names = [header if name == "户号" else name for name in HEADER]
    for file in (csv_file([names, paid(1)]), xlsx_file([names, paid(1)])):
        table, rows = read(file)
        assert rows == [Row(2, tuple(paid(1)))]
        assert table.doubts == []


def test_two_byte_order_marks_and_one_in_the_middle_are_nothing() -> None:
    names = [f"\ufeff{name}" for name in HEADER]
    content = "\ufeff\ufeff".encode() + csv_file([names, paid(1)]).getvalue()
    table, rows = read(io.BytesIO(content))
    assert rows == [Row(2, tuple(paid(1)))]
    assert table.doubts == []


@pytest.mark.parametrize(
    ("header", "factor"),
    [
        ("金额(元)", None),
        ("金额（单位：元）", None),
        ("金额【元】", None),
        ("金额 元", None),
        ("金额:元", None),
        ("金额/元", None),
        ("金额（人民币元）", None),
        ("实发金额（元/月）", None),
        ("金额(必填)(元)", None),
        ("金额（万元）", 10_000),
        ("金额 千元", 1000),
        ("金额(单位:百元)", 100),
        ("金额(百万元)", 1_000_000),
        ("金额(分)", Decimal("0.01")),
        ("金额(角)", Decimal("0.1")),
    ],
)
def test_the_unit_in_a_header_of_amounts(header: str, factor: Decimal | None) -> None:
    names = [header if name == "金额" else name for name in HEADER]
    table, _ = read(csv_file([names, paid(1)]))
    assert table.units == ({} if factor is None else {6: factor})
    assert table.doubts == []


@pytest.mark.parametrize("header", ["金额(美元)", "金额(元/年)", "金额(万人)", "金额(万两)", "应付"])
def test_a_header_of_another_unit_is_not_understood(header: str) -> None:
    names = [header if name == "金额" else name for name in HEADER]
    with pytest.raises(FileRefused) as caught:
        read(csv_file([names, paid(1)]))
    sentence = caught.value.sentence
    assert sentence.code == "header-missing-unknown"
    shown = "" if header == "应付" else f"“{header}”"
    assert sentence.chinese == f"第1行按“资金发放”的表头读取，缺少：金额；不认识的列：G{shown}"


@pytest.mark.parametrize("hint", ["户号(新)", "户号(2021)"])
def test_a_header_with_another_meaning_is_another(hint: str) -> None:
    names = [hint if name == "户号" else name for name in HEADER]
    assert refused(csv_file([names, paid(1)])) == "header-missing-unknown"


def test_what_somebody_filled_in_is_never_repeated_as_a_header() -> None:
    names = [*HEADER[:6], "钟启明", "500102195603121231", *HEADER[8:]]
    with pytest.raises(FileRefused) as caught:
        read(csv_file([names]))
    assert caught.value.sentence.code == "csv-one-line"
    with pytest.raises(FileRefused) as caught:
        read(csv_file([names, paid(1)]))
    assert (
        caught.value.sentence.chinese == "第1行按“资金发放”的表头读取，缺少：金额、发放类型；不认识的列：G、H"
    )


@pytest.mark.parametrize(
    "title",
    [
        "单位：万元",
        "单位:千元",
        "（单位：人民币万元）",
        "金额单位：百元",
        "2021年资金发放表（万元）",
        "单 位：万 元",
        "单位：户、人、万元",
        "金额：万元　制表人：王五",
        "万元",
        "单位：亿元",
    ],
)
def test_a_unit_above_the_table_is_never_passed_over(title: str) -> None:
    tables: list[Rows] = [[["发放表"], [None, title], HEADER, paid(1)], [[title], HEADER, paid(1)]]
    for rows in tables:
        assert refused(csv_file(rows)) == "unit-above"
        assert refused(xlsx_file(rows)) == "unit-above"
        for unit, code in (
            ("元", "unit-contradicts"),
            ("角", "unit-contradicts"),
            (unit_above([title]), None),
        ):
            said_itself = [[f"{name}({unit})" if name == "金额" else name for name in row] for row in rows]
            if code is not None:
                assert refused(csv_file(said_itself)) == refused(xlsx_file(said_itself)) == code
            else:
                assert numbers(read(csv_file(said_itself))[1]) == [len(rows)]


@pytest.mark.parametrize(
    "title",
    [
        "单位：元",
        "填报单位：荔枝街道",
        "单位：元、户",
        "下达500万元资金发放表",
        "十万元以上资金",
        "填报单位：万元镇社保所",
        "2021年6月农村低保金发放表",
        "单位：人",
    ],
)
def test_titles_that_say_no_other_unit(title: str) -> None:
    _, rows = read(csv_file([[title], HEADER, paid(1)]))
    assert numbers(rows) == [3]


def test_a_unit_in_the_name_of_the_worksheet_is_said_above_it() -> None:
    def rename(sheet: Any) -> None:
        sheet.title = "6月(万元)"

    assert refused(xlsx_file([HEADER, paid(1)], rename)) == "unit-above"


@pytest.mark.parametrize(("unit", "factor"), [("(万元)", 10_000), ("元", None), ("单位：千元", 1000)])
def test_a_row_of_units_below_the_headers(unit: str, factor: int | None) -> None:
    below = [unit if name == "金额" else "" for name in HEADER]
    table, rows = read(csv_file([HEADER, below, paid(1)]))
    assert numbers(rows) == [3]
    assert table.units == ({} if factor is None else {6: factor})


@pytest.mark.parametrize("above", [False, True])
def test_a_template_is_refused_with_another_unit_beside_its_own(above: bool) -> None:
    header = [f"{name}(元)" if name == "金额" else name for name in HEADER]
    said = ["单位：万元"] if above else ["万元" if name == "金额(元)" else "" for name in header]
    rows = [said, header, paid(1)] if above else [header, said, paid(1)]
    with pytest.raises(FileRefused) as caught:
        read(xlsx_file(rows))
    assert caught.value.sentence.chinese == (
        "表格注明的单位是万元，而“金额(元)”列的表头注明的是另一单位，两者矛盾，请核对金额后改成一致"
    )


def test_columns_are_named_that_are_not_read() -> None:
    names = ["序号", *HEADER, "备注", "王五"]
    table, _ = read(csv_file([names, ["1", *paid(1), "", ""]]))
    unread = "不在模板中，未读取"
    assert said(table) == [(1, "列A“序号”", unread), (1, "列M“备注”", unread), (1, "列N", unread)]


def test_what_stands_under_no_header_is_said() -> None:
    table, rows = read(xlsx_file([[*HEADER, None], [*paid(1), None, "作废"], paid(2)]))
    assert numbers(rows) == [2, 3]
    assert said(table) == [(1, "", "列M中有内容但没有表头，未读取")]


# Rows that state nothing


SIGNED = [
    ["填报人：张三", "", "审核人：李四", "", "日期：2021-06-30"],
    ["填报人:张三    审核人:李四    日期：2021年6月30日"],
    ["单位负责人（签字）："],
    ["制表：", "张三", "复核：", "李四", "", "2021-06-30"],
    ["", "审核人"],
    ["经办人签字：王五"],
    ["单位（盖章）"],
    ["民政部门意见：同意"],
    ["备注：以上为6月发放名单"],
    ["以下空白"],
    ["第1页共3页"],
    ["", "", "", "", "", "", "", "2021年6月30日"],
]
SUMS = [
    ["合计", "", "", "", "", "", "926.00"],
    ["合 计：", "", "", "", "", "", "926.00"],
    ["", "本页小计", "", "", "", "", "926.00"],
    ["荔枝村合计", "", "", "", "", "", "926.00"],
    ["总计（元）", "", "", "", "", "", "926.00"],
    ["合计金额", "", "", "", "", "", "=SUM(G2:G3)"],
    ["", "", "", "", "", "", "926.00", "", "", "共计3户"],
    ["共 3 户，5 人，926.00 元"],
    ["合计：3笔"],
]


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        *((row, "第3行是落款或说明（填报人、审核人、日期等），已跳过") for row in SIGNED),
        *((row, "第3行是合计，已跳过") for row in SUMS),
        (HEADER, "第3行是重复的表头或标题，已跳过"),
        ([f" {name}\u200b" for name in HEADER], "第3行是重复的表头或标题，已跳过"),
    ],
)
def test_rows_that_state_nothing_are_passed_over_and_said(row: list[str], sentence: str) -> None:
    for file in (csv_file([HEADER, paid(1), row, paid(2)]), xlsx_file([HEADER, paid(1), row, paid(2)])):
        table, rows = read(file)
        assert numbers(rows) == [2, 4]
        assert said(table) == [(3, "", sentence)]


def test_a_title_on_every_page_is_passed_over() -> None:
    table, rows = read(csv_file([["6月发放表"], HEADER, paid(1), ["6月发放表"], HEADER, paid(2)]))
    assert numbers(rows) == [3, 6]
    assert said(table) == [(4, "", "第4-5行是重复的表头或标题，已跳过")]


def test_prefilled_rows_are_summed_up() -> None:
    prefilled: Rows = [[str(number), *[""] * 11] for number in range(2, 41)]
    table, rows = read(csv_file([["序号", *HEADER], ["1", *paid(1)], *prefilled, ["41", *paid(2)]]))
    assert numbers(rows) == [2, 42]
    assert said(table)[1:] == [(3, "", "第3-41行没有填写模板中的列（如只有序号），已跳过")]
    gaps: Rows = [["1", *paid(number)] if number % 2 else ["1", *[""] * 11] for number in range(40)]
    table, rows = read(csv_file([["序号", *HEADER], *gaps]))
    assert said(table)[1][2].startswith("第2, 4, 6, 8, 10, 12, 14, 16, 18, 20 … (20)行")


@pytest.mark.parametrize(
    "row",
    [
        paid(2, 户名="合计"),
        paid(2, 流水号="备注：1"),
        paid(2, 户号=""),
        ["S2", *[""] * 10],
        ["", "", "H1", "", "", "", "540.00"],
        paid(2, 金额="", 户名="日期"),
        ["2021年6月28日", "P2", "H1", "农村低保"],
    ],
)
def test_rows_that_state_something_are_not_passed_over(row: list[str]) -> None:
    table, rows = read(csv_file([HEADER, paid(1), row]))
    assert numbers(rows) == [2, 3]
    assert table.doubts == []


def test_a_unit_below_the_table_is_said() -> None:
    table, _ = read(csv_file([HEADER, paid(1), ["注：单位为万元"]]))
    assert [code for _, _, code in said(table)][1] == "第3行（已跳过）写有万元，而金额是按元读取的，请核对"


def test_a_row_that_is_too_long_keeps_its_cells_and_says_so() -> None:
    _, rows = read(csv_file([HEADER, [*paid(1), "x"], [*paid(2), "", " "]]))
    assert [(row.cells, row.broken and row.broken.code) for row in rows] == [
        (tuple(paid(1)), "more-cells"),
        (tuple(paid(2)), None),
    ]


# Worksheets


def sheets(*filled: tuple[str, str, Rows]) -> io.BytesIO:
    """A workbook of worksheets with a name, a state and rows."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, state, rows in filled:
        sheet = book.create_sheet(name)
        sheet.sheet_state = state
        for row in rows:
            sheet.append(row)
    book.create_chartsheet("图")
    out = io.BytesIO()
    book.save(out)
    out.seek(0)
    return out


FILLED: Rows = [HEADER, paid(1)]
OTHER: Rows = [["姓名", "电话"], ["钟启明", "1"]]


@pytest.mark.parametrize("state", ["visible", "hidden", "veryHidden"])
def test_other_worksheets_with_something_are_named(state: str) -> None:
    late: Rows = [*[[None]] * 30, ["x"]]
    file = sheets(
        ("6月", "visible", FILLED), ("补发", state, OTHER), ("空", state, [[None]]), ("下", state, late)
    )
    table, rows = read(file)
    assert numbers(rows) == [2]
    assert said(table) == [(0, "", "工作表“补发”、“下”中也有内容，未读取")]


def test_an_empty_template_beside_is_nothing() -> None:
    table, _ = read(sheets(("6月", "visible", FILLED), ("退回", "visible", [["资金退回"], HEADER])))
    assert table.doubts == []


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_what_is_seen_counts_before_what_is_hidden(state: str) -> None:
    table, rows = read(
        sheets(("旧", state, [HEADER, paid(1), paid(2)]), ("6月", "visible", [HEADER, paid(3)]))
    )
    assert rows == [Row(2, tuple(paid(3)))]
    assert said(table) == [(0, "", "工作表“旧”中也有内容，未读取")]
    table, rows = read(sheets(("旧", state, FILLED), ("6月", "visible", [HEADER])))
    assert rows == [Row(2, tuple(paid(1)))]
    assert said(table) == [(0, "", "所读取的工作表“旧”是隐藏的，请核对是否应上报")]


def test_of_a_template_the_worksheet_is_named_whose_header_was_changed() -> None:
    book = openpyxl.load_workbook(io.BytesIO(template(forms_of("payments"))))
    sheet = book["资金发放"]
    header = [cell.value for cell in sheet[2]]
    values = dict(zip(HEADER, paid(1), strict=True))
    for place, name in enumerate(header, start=1):
        sheet.cell(3, place).value = values.get(name.removesuffix("(元)"))
    sheet.cell(2, header.index("户名") + 1).value = "户主姓名"
    out = io.BytesIO()
    book.save(out)
    with pytest.raises(FileRefused) as caught:
        read(out)
    assert caught.value.sentence.code == "header-missing-unknown"
    assert caught.value.sentence.chinese.startswith(
        "工作表“资金发放”第2行按“资金发放”的表头读取，缺少：户名；不认识的列："
    )
    assert "“户主姓名”" in caught.value.sentence.chinese


def test_an_empty_template_beside_something_else_names_that() -> None:
    def add(book: Any) -> None:
        book.create_sheet("说明").append(["请于6月底前上报"])

    assert refused(xlsx_file([HEADER], lambda sheet: add(sheet.parent))) == "no-lines-but"


def test_two_worksheets_with_rows_are_refused_by_name() -> None:
    with pytest.raises(FileRefused) as caught:
        read(sheets(("5月", "visible", FILLED), ("6月 500102195603121231", "visible", FILLED)))
    assert "“5月”、“6月 *”" in caught.value.sentence.chinese


def test_hidden_rows_and_columns_are_read_and_said() -> None:
    def hide(sheet: Any) -> None:
        for number in (3, 4, 6, 8):
            sheet.row_dimensions[number].hidden = True
        sheet.column_dimensions.group("G", "H", hidden=True)

    table, rows = read(xlsx_file([HEADER, *(paid(number) for number in range(5)), ["合计"], [None]], hide))
    assert numbers(rows) == [2, 3, 4, 5, 6]
    assert said(table) == [
        (1, "", "列G、H是隐藏的，仍已读取，请核对"),
        (7, "", "第7行是合计，已跳过"),
        (3, "", "第3-4, 6行被隐藏或筛选，仍已读取，请核对"),
    ]


def test_columns_beyond_the_limit_are_said() -> None:
    table, rows = read(xlsx_file([HEADER, [*paid(1), *[None] * 200, "x"]]))
    assert numbers(rows) == [2]
    assert said(table) == [(1, "", "只读取前200列，其后的列HD中有内容，未读取")]


# Merged cells


ENROLLED = [
    "流水号", "户号", "救助类别", "区划代码", "姓名", "身份证号", "与户主关系", "个人金额", "账号",
    "户名", "起始月", "核定金额", "纳入方式", "审批日期",
]  # fmt: skip
HEAD = [
    "R1", "QP1", "农村低保", "500102008003", "钟启明", "500102195603121231", "本人", "200.00",
    "6217009900001014", "钟启明", "2021-01", "600.00", "普通", "2020-12-20",
]  # fmt: skip
WIFE = [None] * 4 + ["郝素兰", "500102195807042260", "配偶", "200.00"] + [None] * 6
SON = [None] * 4 + ["钟小满", "500102198509091519", "子", "200.00"] + [None] * 6
OF_HOUSEHOLD = "ABCDIJKLMN"


def merged(*ranges: str) -> Callable[[Any], None]:
    """Merges ranges of a sheet as XML has them; what is under a merge stays."""

    def change(sheet: Any) -> None:
        for each in ranges:
            sheet.merged_cells.add(each)

    return change


def test_a_merge_over_the_rows_of_a_household_shows_its_value_in_each() -> None:
    over = [f"{column}2:{column}4" for column in OF_HOUSEHOLD]
    second = [cell.replace("R1", "R2").replace("QP1", "QP2") for cell in HEAD]
    file = xlsx_file([ENROLLED, HEAD, WIFE, SON, second], merged(*over))
    table, rows = read(file, "enrollment")
    assert [row.broken for row in rows] == [None] * 4
    shared = [at for at, name in enumerate(ENROLLED) if "ABCDEFGHIJKLMN"[at] in OF_HOUSEHOLD]
    own = [table.columns.index(next(c for c in table.columns if c.header == ENROLLED[at])) for at in shared]
    for row in rows[:3]:
        assert [row.cells[at] for at in own] == [rows[0].cells[at] for at in own]
    assert len({row.cells[table.headers.index("姓名")] for row in rows[:3]}) == 3


@pytest.mark.parametrize(
    ("range_", "broken"),
    [
        ("E2:E3", [2, 3]),  # a name over two members
        ("H3:H4", [3, 4]),  # their amount
        ("A2:B3", [2, 3]),  # two columns
        ("A1:A3", [2, 3]),  # the header and the rows
        ("G3:I3", [3]),  # within a row
        ("L2:L5", [5]),  # an amount of two households
        ("A4:A5", [5]),  # a serial of two
        ("O2:O5", []),  # beside the table
        ("A7:N9", []),  # below it
        ("C2:C5", []),  # what both households have in common
    ],
)
def test_any_other_merge_breaks_the_rows_that_it_touches(range_: str, broken: list[int]) -> None:
    full = [[a or b for a, b in zip(row, HEAD, strict=True)] for row in (HEAD, WIFE, SON)]
    second = [cell.replace("R1", "R2").replace("QP1", "QP2") for cell in HEAD]
    _, rows = read(xlsx_file([ENROLLED, *full, second], merged(range_)), "enrollment")
    assert [row.number for row in rows if row.broken] == broken
    assert {row.broken.chinese for row in rows if row.broken} <= {
        f"有合并单元格{range_}，请取消合并并逐行填写"
    }


def test_a_merge_over_payments_is_in_the_way() -> None:
    titles: Rows = [["6月发放表"], HEADER, paid(1), paid(2), ["合计", None, None], ["填报人："]]
    _, rows = read(xlsx_file(titles, merged("A1:K1", "G3:G4", "A5:F5", "A6:K6")))
    assert [(row.number, row.broken and row.broken.code) for row in rows] == [
        (3, "row-merged"),
        (4, "row-merged"),
    ]


def test_merges_that_overlap_as_no_spreadsheet_has_them_are_refused() -> None:
    over = [f"C2:C{last}" for last in range(3, 300)]
    assert refused(xlsx_file([HEADER, paid(1)], merged(*over))) == "workbook-repaired"


@pytest.mark.parametrize(
    "header", ["万" * 60_000, "金额" + "万" * 60_000 + "元", "(" * 60_000, ",".join("x" * 9000)]
)
def test_headers_without_end_are_no_headers(header: str) -> None:
    began = time.process_time()
    names = ",".join(header if name == "金额" else name for name in HEADER)
    assert refused(io.BytesIO(names.encode())) in ("header-missing-unknown", "csv-one-line")
    assert refused(io.BytesIO(f"{header}\n".encode())) == "header-row"
    assert time.process_time() - began < 5


def test_rows_of_a_merge_that_nobody_filled_in_are_nothing() -> None:
    over = [f"{column}2:{column}6" for column in OF_HOUSEHOLD]
    _, rows = read(xlsx_file([ENROLLED, HEAD, WIFE], merged(*over)), "enrollment")
    assert numbers(rows) == [2, 3]


# What number formats show


@pytest.mark.parametrize(
    ("value", "code", "expected"),
    [
        (817, "000000", ShownNumber(817, "000817")),
        (817, '"QP"000000', ShownNumber(817, "QP000817")),
        (1, "0%", ShownNumber(1, "100%")),
        (1250500, "0.00,", ShownNumber(1250500, "1250.50")),
        (540.5, "0", ShownNumber(540.5, "541")),
        (0.5, "h:mm", ShownNumber(0.5, None, moment=True)),
        (1.5, "[h]:mm", ShownNumber(1.5, None)),
        (12, "yyyy-mm-dd", ShownNumber(12, None, moment=True)),
        (44260, 'm"月"d"日"', ShownNumber(44260, None, moment=True)),
        (44348, 'yyyy"年"m"月"', ShownMonth(2021, 6)),
        (1234567.5, "#,##0.00", 1234567.5),
        (0, '_ * #,##0.00_ ;_ * \\-#,##0.00_ ;_ * "-"??_ ;_ @_ ', ShownNumber(0, "-")),
    ],
)
def test_a_number_is_what_the_sheet_shows(value: float, code: str, expected: Any) -> None:
    def show(sheet: Any) -> None:
        sheet["C2"].value = value
        sheet["C2"].number_format = code

    _, rows = read(xlsx_file([HEADER, paid(1)], show))
    assert rows[0].cells[2] == expected


@given(st.integers(0, 10**9), st.integers(0, 12), st.sampled_from(["", "QP", "LZ-", "第"]))
def test_numbers_with_zeros_and_letters_before_them_are_read_as_shown(
    value: int, zeros: int, letters: str
) -> None:
    code = f'"{letters}"' * bool(letters) + "0" * max(zeros, 1)
    styles = (
        f'<numFmts><numFmt numFmtId="164" formatCode="{code.replace(chr(34), "&quot;")}"/></numFmts>'
        '<cellXfs><xf numFmtId="0"/><xf numFmtId="164"/></cellXfs>'
    )
    names = "".join(f'<c t="inlineStr"><is><t>{name}</t></is></c>' for name in HEADER)
    cells = "".join(
        f'<c s="1"><v>{value}</v></c>' if name == "户号" else f'<c t="inlineStr"><is><t>{text}</t></is></c>'
        for name, text in zip(HEADER, paid(1), strict=True)
    )
    _, rows = read(package(f"<row>{names}</row><row>{cells}</row>", styles=styles))
    text = letters + str(value).zfill(zeros)
    assert rows[0].cells[2] == (value if text == str(value) else ShownNumber(value, text))


# Files of other kinds


def archive(**parts: bytes) -> io.BytesIO:
    """A zip archive; ``/`` in the names of its parts is written ``__``."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as zipped:
        for name, content in parts.items():
            zipped.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    out.seek(0)
    return out


ODS = archive(mimetype=b"application/vnd.oasis.opendocument.spreadsheet", content_dot_xml=b"<a/>")


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600), "旧版表格（.xls、.et）或加密的文件"),
        (ODS.getvalue(), "OpenDocument (.ods)"),
        (archive(xl__workbook_dot_bin=b"").getvalue(), ".xlsb"),
        (archive(word__document_dot_xml=b"").getvalue(), "Word (.docx)"),
        (archive(Index__Document_dot_iwa=b"").getvalue(), "Numbers (.numbers)"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"<html><table><tr><td>a", "HTML"),
        (
            "\ufeff<?xml version='1.0'?><Workbook xmlns='urn:schemas-microsoft-com'>".encode(),
            "XML (Excel 2003)",
        ),
        (b"Rar!\x1a\x07", "RAR"),
    ],
)
def test_files_of_other_kinds_are_refused_by_name_whatever_theirs_is(content: bytes, named: str) -> None:
    for reader in (read_csv, read_xlsx):
        with pytest.raises(FileRefused) as caught:
            reader(io.BytesIO(content), forms_of("payments"))
        assert named in caught.value.sentence.chinese
        assert "另存为 .xlsx" in caught.value.sentence.chinese


def test_a_workbook_named_csv_and_a_csv_named_workbook() -> None:
    for reader, file, code in (
        (read_csv, xlsx_file([HEADER, paid(1)]), "file-is-workbook"),
        (read_xlsx, csv_file([HEADER, paid(1)]), "file-is-no-workbook"),
    ):
        with pytest.raises(FileRefused) as caught:
            reader(file, forms_of("payments"))
        assert caught.value.sentence.code == code


# Parts of the archive


def repacked(rename: Callable[[str], str], **parts: str) -> io.BytesIO:
    """A workbook of two rows with its parts under other names."""
    cells = "".join(
        "<row>" + "".join(f'<c t="inlineStr"><is><t>{text}</t></is></c>' for text in row) + "</row>"
        for row in (HEADER, paid(1))
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as zipped:
        for name, text in {**entries_of(cells), **parts}.items():
            zipped.writestr(rename(name), text)
    out.seek(0)
    return out


@pytest.mark.parametrize(
    "rename",
    [str.upper, str.lower, lambda name: name.replace("/", "\\"), lambda name: f"/{name}", str],
)
def test_parts_are_found_as_spreadsheets_find_them(rename: Callable[[str], str]) -> None:
    assert read(repacked(rename))[1] == [Row(2, tuple(paid(1)))]


@pytest.mark.parametrize(
    "target",
    [
        "/xl/worksheets/sheet1.xml",
        "worksheets\\sheet1.xml",
        "../xl/worksheets/sheet1.xml",
        "./worksheets/Sheet1.xml",
    ],
)
def test_targets_are_followed_as_spreadsheets_follow_them(target: str) -> None:
    relations = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="rId1" Type="{OFFICE}/worksheet" Target="{target}"/></Relationships>'
    )
    file = repacked(str, **{"xl/_rels/workbook.xml.rels": relations})
    assert numbers(read(file)[1]) == [2]


def test_parts_in_utf_16_are_read() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(repacked(str)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            text = old.read(name).decode()
            new.writestr(name, f'<?xml version="1.0" encoding="UTF-16"?>{text}'.encode("utf-16"))
    out.seek(0)
    assert read(out)[1] == [Row(2, tuple(paid(1)))]
