"""Workbooks as spreadsheets and others write them, and files that only say they are one."""

import io
import zipfile
from datetime import datetime
from typing import Any

import openpyxl
import pytest

from services.platform.intake.workbook import (
    Cell,
    ErrorValue,
    ShownNumber,
    Workbook,
    WorkbookError,
)

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
RELATIONS = (
    f'<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" Type="{OFFICE}/{{}}" Target="{{}}"/>{{}}'
    "</Relationships>"
)
BOOK = (
    f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">{{}}'
    '<sheets><sheet name="a" r:id="rId1"/></sheets></workbook>'
)
STRINGS = f'<Relationship Id="rId2" Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/>'
STYLES = f'<Relationship Id="rId3" Type="{OFFICE}/styles" Target="styles.xml"/>'


def entries_of(
    rows: str, *, strings: str = "", styles: str = "", properties: str = "", **parts: str
) -> dict[str, str]:
    """The parts of a workbook of one worksheet with these rows, as XML."""
    return {
        "_rels/.rels": RELATIONS.format("officeDocument", "xl/workbook.xml", ""),
        "xl/workbook.xml": BOOK.format(properties),
        "xl/_rels/workbook.xml.rels": RELATIONS.format(
            "worksheet", "worksheets/sheet1.xml", STRINGS + STYLES
        ),
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{strings}</sst>',
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}">{styles}</styleSheet>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>',
        **parts,
    }


def package(rows: str, **parts: str) -> io.BytesIO:
    """A workbook of one worksheet with these rows, as XML, and other parts in place of what it has."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in entries_of(rows, **parts).items():
            archive.writestr(name, text)
    out.seek(0)
    return out


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
