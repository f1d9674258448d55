"""Workbooks of many rows, as a spreadsheet writes them: texts that cells share, native dates and numbers."""

import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from deploy.contexts import BY_TYPE
from tests.services.intake.workbooks import MAIN, entries_of

_HEADERS = [column.header for column in BY_TYPE["dibao.payments.paid.v1"].columns]
_STYLES = '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs>'
_NAMES = [a + b + c for a in "王李张刘陈杨赵黄周吴" for b in "桂建国明志文秀丽" for c in "兰芳华英平军玉林"]
PERSONS = 20_000


def write_payments(path: Path, rows: int, more: Iterable[str] = ()) -> None:
    """Write a workbook of that many payments to 20,000 households, each with all that an office fills in.

    ``more`` are rows below them, as XML.
    """
    strings: dict[str, int] = {}
    entries = entries_of("", styles=_STYLES)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        with archive.open("xl/worksheets/sheet1.xml", "w") as sheet:
            sheet.write(f'<worksheet xmlns="{MAIN}"><sheetData>'.encode())
            for row in _rows(rows, strings):
                sheet.write(row.encode())
            for row in more:
                sheet.write(row.encode())
            sheet.write(b"</sheetData></worksheet>")
        items = "".join(f"<si><t>{text}</t></si>" for text in strings)
        entries["xl/sharedStrings.xml"] = f'<sst xmlns="{MAIN}">{items}</sst>'
        for name, text in entries.items():
            if name != "xl/worksheets/sheet1.xml":
                archive.writestr(name, text)


def _rows(rows: int, strings: dict[str, int]) -> Iterator[str]:
    def text(reference: str, value: str) -> str:
        return f'<c r="{reference}" t="s"><v>{strings.setdefault(value, len(strings))}</v></c>'

    def row(number: int, cells: dict[str, str | int | float]) -> str:
        found = []
        for place, header in enumerate(_HEADERS):
            reference, value = f"{chr(65 + place)}{number}", cells.get(header)
            if isinstance(value, str):
                found.append(text(reference, value))
            elif value is not None:
                style = ' s="1"' if header == "到账日" else ""
                found.append(f'<c r="{reference}"{style}><v>{value}</v></c>')
        return f'<row r="{number}">{"".join(found)}</row>'

    yield row(1, {"流水号": "荔枝街道农村低保金发放表"})
    yield row(2, {header: header for header in _HEADERS})
    for number in range(rows):
        person, month = number % PERSONS, number // PERSONS
        yield row(
            number + 3,
            {
                "流水号": f"LS{number:08d}",
                "发放编号": f"FF{number:08d}",
                "户号": f"LZ{person:06d}",
                "救助类别": "农村低保",
                "发放月": f"{2018 + month // 12}-{month % 12 + 1:02d}",
                "到账日": 43_127 + 30 * month,
                "金额": 463 + person % 100 * 0.5,
                "发放类型": "常规",
                "账号": f"6217{person:012d}",
                "户名": _NAMES[person % len(_NAMES)],
                "开户行": "农商行",
                "批次": f"PC{month:04d}",
                "区划代码": f"500102008{201 + person % 12}",
            },
        )
