"""Empty workbooks to be filled in: a worksheet a form, which goes back into intake as it is."""

import io
from collections.abc import Sequence

import openpyxl
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from services.intake.forms import Column, Form

_HEADER_ROW = 2
_FIRST_ROW = 3
_LAST_ROW = 1_048_576
_REQUIRED = PatternFill("solid", fgColor="F4B183")
_OPTIONAL = PatternFill("solid", fgColor="DDEBF7")
_TEXT = "@"  # keeps all 18 digits of a number, and the zeros before it
_NUMBER_FORMATS = {
    "day": "yyyy-mm-dd",
    "instant": "yyyy-mm-dd hh:mm",
    "amount": "0.00",
    "integer": "0",
    "value": "General",
}
_FORMATS = {
    "text": "文字",
    "number": "文字(编号)，中间不留空格",
    "id_number": "文字，18位",
    "account_number": "文字，数字或字母",
    "day": "日期，如 2021-06-28",
    "instant": "日期和时间，如 2021-06-28 09:30",
    "month": "月份，如 2021-06",
    "quarter": "季度，如 2021-Q3",
    "amount": "金额，单位元，最多两位小数",
    "integer": "整数",
    "flag": "是 或 否",
    "value": "数字、是/否或文字",
}
_SEPARATED = "可填多个，用顿号或分号隔开"


def template(forms: Sequence[Form]) -> bytes:
    """Return a workbook (.xlsx) with an empty worksheet for each of these forms.

    A title that intake passes over, headers with a comment each (whether it is required, its format, its
    words), drop-downs for words, and text cells where a spreadsheet would lose digits. Whoever fills in one
    worksheet hands the workbook in as it is; worksheets left empty say nothing.
    """
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for form in forms:
        _fill(book.create_sheet(form.title), form)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def header_of(column: Column) -> str:
    """Return what stands above a column: its header, with the unit of amounts."""
    return f"{column.header}(元)" if column.kind == "amount" else column.header


def explanation(column: Column) -> str:
    """Return the comment of a column's header, in Chinese."""
    lines = [f"{column.header}：{'必填' if column.required else '选填'}"]
    if column.kind == "word":
        lines.append("可填：" + "、".join(column.offered))
    else:
        lines.append("格式：" + _FORMATS[column.kind])
    if column.kind == "integer" and column.most is not None and column.most <= 10_000:
        lines.append(f"范围：{column.least} 至 {column.most}")
    if column.kind == "amount" and column.least is not None and column.least < 1:
        lines.append("可为 0" if column.least == 0 else "可为 0 或负数")
    if column.many:
        lines.append(_SEPARATED)
    if column.note:
        lines.append(column.note)
    lines.append(f"字段：{column.field.removeprefix('*.')}")
    return "\n".join(lines)


def _fill(sheet: Worksheet, form: Form) -> None:
    last = get_column_letter(len(form.columns))
    title = sheet["A1"]
    title.value = f"{form.title}　橙色列必填，蓝色列选填；说明见表头批注；请勿改动表头　（{form.type}）"
    title.font = Font(bold=True, size=13)
    title.alignment = Alignment(vertical="center")
    sheet.merge_cells(f"A1:{last}1")
    sheet.row_dimensions[1].height = 26
    for place, column in enumerate(form.columns, start=1):
        letter = get_column_letter(place)
        header = sheet.cell(_HEADER_ROW, place, header_of(column))
        header.font = Font(bold=True)
        header.fill = _REQUIRED if column.required else _OPTIONAL
        header.alignment = Alignment(horizontal="center", vertical="center")
        text = explanation(column)
        header.comment = Comment(text, "dibao", width=300, height=24 * (text.count("\n") + 2))
        dimension = sheet.column_dimensions[letter]
        dimension.width = max(_width(column), 2.2 * len(header_of(column)) + 2)
        dimension.number_format = _NUMBER_FORMATS.get(column.kind, _TEXT)
        offered = ("是", "否") if column.kind == "flag" else column.offered
        if offered and not column.many:
            words = DataValidation("list", formula1=f'"{",".join(offered)}"', allow_blank=True)
            words.error = "请从下拉列表中选择"
            words.add(f"{letter}{_FIRST_ROW}:{letter}{_LAST_ROW}")
            sheet.add_data_validation(words)
    sheet.row_dimensions[_HEADER_ROW].height = 22
    sheet.freeze_panes = f"A{_FIRST_ROW}"


def _width(column: Column) -> int:
    name = column.field.rpartition(".")[2]
    if name in ("id_number", "number", "account_number", "credit_code") or column.many:
        return 22
    return {"text": 16, "instant": 18, "flag": 8}.get(column.kind, 12)
