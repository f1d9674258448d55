"""Workbooks as spreadsheets and others write them, and files that only say they are one."""

import io
from datetime import datetime
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake import workbook
from services.intake.workbook import (
    Cell,
    ErrorValue,
    ShownNumber,
    Workbook,
    WorkbookError,
)
from tests.services.intake.workbooks import MAIN, package


def rows_of(file: io.BytesIO) -> list[tuple[int, list[Cell]]]:
    """Every row of the first worksheet."""
    with Workbook(file) as workbook:
        return [(number, cells) for number, cells, _ in workbook.worksheets[0].rows()]


def test_a_workbook_of_another_library() -> None:
    book = openpyxl.Workbook()
    sheet: Any = book.active
    sheet.append(["荔枝街道发放表"])
    sheet.merge_cells("A1:D1")
    sheet.append(["a\nb", 463, 463.1, True])
    sheet.append([None, datetime(2021, 6, 28), datetime(2021, 6, 28, 9, 30, 59), "=400+63"])
    sheet["F5"] = "王䶮𠮷"
    out = io.BytesIO()
    book.save(out)
    assert rows_of(out) == [
        (1, ["荔枝街道发放表"]),
        (2, ["a\nb", 463, 463.1, True]),
        (3, [None, datetime(2021, 6, 28), datetime(2021, 6, 28, 9, 30, 59), "=400+63"]),
        (5, [None, None, None, None, None, "王䶮𠮷"]),
    ]


def test_texts_that_cells_share_and_what_stands_beside_them() -> None:
    strings = (
        "<si><t>户号</t></si><si/><si><r><t>王</t></r><r><t xml:space='preserve'> 䶮</t></r>"
        "<rPh sb='0' eb='1'><t>wang yan</t></rPh></si><si><t>a_x000D_b</t></si>"
    )
    rows = "<row>" + "".join(f'<c t="s"><v>{number}</v></c>' for number in (2, 0, 1, 3, 2)) + "</row>"
    assert rows_of(package(rows, strings=strings)) == [(1, ["王 䶮", "户号", "", "a\rb", "王 䶮"])]


def test_cells_without_places_and_rows_without_numbers_follow_one_another() -> None:
    rows = '<row r="7"><c><v>1</v></c><c r="D7"><v>2</v></c><c><v>3</v></c></row>'
    rows += '<row><c r="B8"><v>4</v></c></row>'
    assert rows_of(package(rows)) == [(7, [1, None, None, 2, 3]), (8, [None, 4])]


def test_kinds_of_cells() -> None:
    rows = (
        '<row><c t="b"><v>0</v></c><c t="e"><v>#N/A</v></c><c t="str"><f>A1</f><v>x</v></c>'
        '<c t="d"><v>2021-06-28T09:30:00</v></c><c t="inlineStr"><is><t>文</t></is></c>'
        "<c><f/><v>7</v></c><c><v>1.5E3</v></c><c><v>6217000000007922000</v></c></row>"
    )
    expected = [
        False,
        ErrorValue("#N/A"),
        "=A1",
        datetime(2021, 6, 28, 9, 30),
        "文",
        "=",
        1500.0,
        6217000000007922000,
    ]
    assert rows_of(package(rows)) == [(1, expected)]


@pytest.mark.parametrize(
    ("properties", "serial"), [("", "44375.5"), ('<workbookPr date1904="1"/>', "42913.5")]
)
def test_days_are_known_by_their_format(properties: str, serial: str) -> None:
    styles = (
        '<numFmts><numFmt numFmtId="164" formatCode="yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;"/>'
        '<numFmt numFmtId="165" formatCode="[h]:mm"/></numFmts>'
        '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="31"/>'
        '<xf numFmtId="165"/><xf numFmtId="2"/></cellXfs>'
    )
    rows = "<row>" + "".join(f'<c s="{style}"><v>{serial}</v></c>' for style in range(6)) + "</row>"
    day, number = datetime(2021, 6, 28, 12), float(serial)
    assert rows_of(package(rows, styles=styles, properties=properties)) == [
        (1, [number, day, day, day, ShownNumber(number, None), number])
    ]


def test_a_prefix_of_the_namespace_changes_nothing() -> None:
    rows = "<x:sheetData><x:row><x:c><x:v>1</x:v></x:c></x:row></x:sheetData>"
    sheet = f'<x:worksheet xmlns:x="{MAIN}">{rows}</x:worksheet>'
    assert rows_of(package("", **{"xl/worksheets/sheet1.xml": sheet})) == [(1, [1])]


def test_a_number_is_digits_and_nothing_else() -> None:
    wrong = ["1_000", "１２", "1e400", "NaN", "inf", "0x1F", "4-4", "--1", "1.2.3", "9" * 5000]
    rows = "<row>" + "".join(f"<c><v>{text}</v></c>" for text in wrong) + '<c t="b"><v>yes</v></c></row>'
    assert rows_of(package(rows)) == [(1, [ErrorValue(text) for text in (*wrong, "yes")])]
    right = {"1": 1, " 7 ": 7, "-3": -3, "+4": 4, "1.50": 1.5, ".5": 0.5, "1E3": 1000.0, "007": 7}
    rows = "<row>" + "".join(f"<c><v>{text}</v></c>" for text in right) + "</row>"
    assert rows_of(package(rows)) == [(1, list(right.values()))]


def test_errors_are_known_by_their_kind() -> None:
    texts = ["#N/A", "#SPILL!", "#BLOCKED!", "#字段!"]
    rows = "<row>" + "".join(f'<c t="e"><v>{text}</v></c>' for text in texts) + "</row>"
    assert rows_of(package(rows)) == [(1, [ErrorValue(text) for text in texts])]


def test_the_first_style_is_that_of_cells_which_name_none() -> None:
    rows = '<row><c><v>44375</v></c><c s="1"><v>44375</v></c></row>'
    styles = '<cellXfs><xf numFmtId="14"/><xf numFmtId="0"/></cellXfs>'
    assert rows_of(package(rows, styles=styles)) == [(1, [datetime(2021, 6, 28), 44375])]
    assert rows_of(package(rows, styles="<fonts/>")) == [(1, [44375, 44375])]


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="2"><c><v>1</v></c></row><row r="1"><c><v>2</v></c></row>',
        '<row r="2"><c><v>1</v></c></row><row r="2"><c><v>2</v></c></row>',
        '<row r="1"><c r="A1"><v>1</v></c><c r="A1"><v>2</v></c></row>',
        '<row r="1"><c r="B1"><v>1</v></c><c r="A1"><v>1</v></c><c><v>2</v></c></row>',
        '<row r="0"><c><v>1</v></c></row>',
        '<row r="1048577"><c><v>1</v></c></row>',
    ],
)
def test_rows_and_cells_that_stand_twice_are_refused(rows: str) -> None:
    with pytest.raises(WorkbookError) as caught:
        rows_of(package(rows))
    assert caught.value.sentence.code == "workbook-repaired"


@pytest.mark.parametrize("cell", ['r="A2"', 'r="A"', 'r="11"', 'r="XFE1"', 'r="A1B1"'])
def test_a_cell_that_names_another_place_is_refused(cell: str) -> None:
    with pytest.raises(WorkbookError) as caught:
        rows_of(package(f'<row r="1"><c {cell}><v>1</v></c></row>'))
    assert caught.value.sentence.code == "workbook-cut"


def test_cells_out_of_order_are_read_where_they_belong() -> None:
    rows = '<row r="1"><c r="C1"><v>3</v></c><c r="A1"><v>1</v></c></row>'
    assert rows_of(package(rows)) == [(1, [1, None, 3])]


EMPTY = st.sampled_from(
    [
        '<c r="{0}" s="1"/>',
        '<c r="{0}" s="1" />',
        '<c r="{0}"></c>',
        '<c s="1"/>',
        '<c r="{0}" t="s"><v></v></c>',
        "<!-- {0} -->",
        "\n ",
        '<c r="{0}"><v>1</v></c>',
        "<c><v>2</v></c>",
        '<c r="{0}" t="inlineStr"><is><t><![CDATA[<c r="A1"/></row>]]></t></is></c>',
    ]
)


@given(
    st.lists(st.tuples(st.booleans(), st.lists(EMPTY, max_size=6)), max_size=12),
    st.sampled_from(["", "x:"]),
    st.integers(20, 200),
)
def test_taking_out_what_is_empty_changes_nothing(
    rows: list[tuple[bool, list[str]]], prefix: str, size: int
) -> None:
    """Whatever stands beside the empty cells, and wherever a piece of the part ends."""
    out, number = [], 0
    for named, cells in rows:
        number += 1 + named  # a row that names its number may leave one out
        place = f' r="{number}"' if named else ""
        texts = [cell.format(f"{'ABCDEF'[at]}{number}") for at, cell in enumerate(cells)]
        out.append(f"<row{place}>{''.join(texts)}</row>" if texts else f"<row{place}/>")
    xml = f'<worksheet xmlns="{MAIN}" xmlns:x="{MAIN}"><sheetData>{"".join(out)}</sheetData></worksheet>'
    if prefix:
        xml = xml.replace("<c", f"<{prefix}c").replace("</c>", f"</{prefix}c>")
    assert filled(xml, size) == filled(xml, None)


def filled(xml: str, size: int | None) -> list[tuple[int, list[Cell], bool]] | str:
    """The rows with something in them, with empty cells taken out in pieces of a size, or not at all."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(workbook, "_CHUNK", size or 10**6)
        if size is None:
            patch.setattr(workbook, "_without_empty", workbook._chunks)
        try:
            with Workbook(package("", **{"xl/worksheets/sheet1.xml": xml})) as book:
                return [row for row in book.worksheets[0].rows() if any(row[1])]
        except WorkbookError as error:
            return error.sentence.code


def test_a_cell_in_the_last_corner_costs_nothing() -> None:
    rows = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>'
    assert rows_of(package(rows)) == [(1, [1]), (1048576, [])]


ENTITIES = '<!DOCTYPE a [<!ENTITY b "bbbbbbbb"><!ENTITY c "&b;&b;&b;&b;">]>'


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        (io.BytesIO(b"PK\x03\x04broken"), "a workbook (.xlsx) that can be opened"),
        (io.BytesIO(b""), "a workbook (.xlsx) that can be opened"),
        (package("<row>"), "a workbook (.xlsx) that can be read to its end"),
        (package('<row><c t="s"><v>9</v></c></row>'), "a workbook (.xlsx) that can be read to its end"),
        (package('<row><c r="7"><v>9</v></c></row>'), "a workbook (.xlsx) that can be read to its end"),
        (
            package("", **{"xl/worksheets/sheet1.xml": ENTITIES + "<worksheet>&c;</worksheet>"}),
            "a workbook (.xlsx) that can be read to its end",
        ),
        (
            package("", **{"xl/workbook.xml": ENTITIES + "<workbook>&c;</workbook>"}),
            "a workbook (.xlsx) that can be opened",
        ),
        (package("", **{"_rels/.rels": "<a/>"}), "a workbook (.xlsx) that can be opened"),
        (
            package("", bomb="\0" * 21_000_000),
            "a workbook that does not unpack to far more than its size",
        ),
    ],
)
def test_a_file_that_is_no_workbook_is_refused(file: io.BytesIO, expected: str) -> None:
    with pytest.raises(WorkbookError) as caught:
        rows_of(file)
    assert str(caught.value) == expected
