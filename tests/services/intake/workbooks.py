"""Workbooks taken apart, and put together again."""

import io
import zipfile

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
