from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sentence:
    code: str
    values: tuple[tuple[str, object], ...] = ()

    @property
    def english(self) -> str:
        return SENTENCES[self.code][0].format(**dict(self.values))

    @property
    def chinese(self) -> str:
        return SENTENCES[self.code][1].format(**dict(self.values))


def say(code: str, **values: object) -> Sentence:
    if code not in SENTENCES:
        raise KeyError(code)
    return Sentence(code, tuple(values.items()))


_TABLES = {
    "workbook-old-or-locked": (
        "a workbook (.xlsx) without a password, and not an old one (.xls)",
        "应为未加密的 .xlsx 工作簿：旧版 .xls 或加密的文件，请用表格软件打开后另存为 .xlsx（不设密码）",
    ),
    "workbook-opened": (
        "a workbook (.xlsx) that can be opened",
        "应为能打开的 .xlsx 工作簿，请用表格软件打开后另存为 .xlsx",
    ),
    "workbook-whole": (
        "a workbook (.xlsx) that can be read to its end",
        "工作簿不完整或已损坏，请用表格软件打开后另存为 .xlsx",
    ),
    "workbook-unpacks": (
        "a workbook that does not unpack to far more than its size",
        "工作簿解压后远大于文件本身，未读取，请另存为 .xlsx",
    ),
    "workbook-repaired": (
        "a workbook (.xlsx) whose rows and cells stand in order, each once: open it and save it again",
        "工作表中的行或单元格次序错乱或重复，请用表格软件打开（修复）后另存为 .xlsx",
    ),
    "file-old-or-locked": (
        "a workbook (.xlsx) without a password: this is an old one (.xls, .et) or locked; save it as .xlsx",
        "是旧版表格（.xls、.et）或加密的文件，请用表格软件打开后另存为 .xlsx（不设密码）",
    ),
    "file-of-another-kind": (
        "a file of the kind csv, xlsx or ndjson: this one is {kind}; open it and save it as .xlsx",
        "是{kind}文件，不能读取，请用表格软件打开后另存为 .xlsx",
    ),
    "file-is-workbook": (
        "the name of a workbook to end in .xlsx, not in .csv",
        "是 .xlsx 工作簿，文件名却以 .csv 结尾，请改为 .xlsx",
    ),
    "file-is-no-workbook": (
        "the name of a text file to end in .csv, not in .xlsx",
        "不是 .xlsx 工作簿，请用表格软件打开后另存为 .xlsx；若是文本，文件名应以 .csv 结尾",
    ),
    "text-encoding": ("text in UTF-8 or GB18030", "应为UTF-8或GB18030编码的文本（不能是Big5等其他编码）"),
    "csv-quotes": (
        "quotation marks in pairs, and cells of at most {most} characters",
        "引号应成对，每格不超过{most}个字符",
    ),
    "csv-separator": (
        "cells that commas, semicolons or tabs part from one another",
        "各列之间应以逗号、分号或制表符分隔，未能分列",
    ),
    "csv-one-line": (
        "a line for each row: the whole file is one line, its line ends were taken out",
        "整个文件只有一行，换行已丢失（如用 curl -d 上传），请按原文件上报",
    ),
    "row-too-long": ("no more cells than the header row has", "比表头多出单元格，各列可能错位"),
    "row-merged": (
        "no merged cells here: {range} is merged over rows or columns that are read one by one",
        "有合并单元格{range}，请取消合并并逐行填写",
    ),
    "header-expected": (
        "a header row with the columns of one form ({forms})",
        "没有找到表头，应有下列一种表格的各列（{forms}）",
    ),
    "header-missing": (
        "the columns {missing} of the form {form}: row {row} was read as its header row",
        "第{row}行按“{form}”的表头读取，缺少：{missing}",
    ),
    "header-missing-unknown": (
        "the columns {missing} of the form {form}: row {row} was read as its header row,"
        " in which {unknown} was not understood",
        "第{row}行按“{form}”的表头读取，缺少：{missing}；不认识的列：{unknown}",
    ),
    "header-of-several": (
        "the type of the rows said with the file, as its headers fit {titles}",
        "表头同时符合{titles}，请在上报时注明类型",
    ),
    "header-twice": ("one column {header}", "“{header}”列出现了两次，应只有一列"),
    "unit-above": (
        "amounts in 元: {unit} is said above the table; say the unit in the header of each amount,"
        " like 金额({unit}), or convert them",
        "表格上方注明的单位是{unit}，金额应以元填写；请换算为元，或在金额列的表头注明单位，如“金额({unit})”",
    ),
    "unit-below": (
        "amounts in 元: row {row}, which was passed over, says {unit}; the amounts were taken as 元",
        "第{row}行（已跳过）写有{unit}，而金额是按元读取的，请核对",
    ),
    "sheets-several": (
        "a workbook in which one worksheet only has rows: {sheets} have",
        "工作簿中有多个工作表填有数据（{sheets}），请只保留一个，其余分别上报",
    ),
    "sheets-unread": (
        "one worksheet with rows: {sheets} has some as well, which are not read",
        "工作表{sheets}中也有内容，未读取",
    ),
    "sheet-hidden": (
        "a worksheet that is seen: {sheet}, which was read, is hidden",
        "所读取的工作表{sheet}是隐藏的，请核对是否应上报",
    ),
    "rows-hidden": (
        "rows that are seen: {rows} are hidden or filtered out, and were read",
        "第{rows}行被隐藏或筛选，仍已读取，请核对",
    ),
    "columns-hidden": (
        "columns that are seen: {columns} are hidden, and were read",
        "列{columns}是隐藏的，仍已读取，请核对",
    ),
    "columns-beyond": (
        "at most {most} columns: {columns} hold something that is not read",
        "只读取前{most}列，其后的列{columns}中有内容，未读取",
    ),
    "columns-without-header": (
        "a header above what is filled in: {columns} have none, and are not read",
        "列{columns}中有内容但没有表头，未读取",
    ),
    "unread-column": (
        "a header of the form's template: this column is not read",
        "{header}不在模板中，未读取",
    ),
    "rows-prefilled": (
        "something in the form's columns: rows {rows} have nothing there, and were passed over",
        "第{rows}行没有填写模板中的列（如只有序号），已跳过",
    ),
    "rows-of-sums": (
        "rows of facts: rows {rows} are sums, and were passed over",
        "第{rows}行是合计，已跳过",
    ),
    "rows-of-signatures": (
        "rows of facts: rows {rows} are signatures or remarks, and were passed over",
        "第{rows}行是落款或说明（填报人、审核人、日期等），已跳过",
    ),
    "rows-of-headers": (
        "one header row: rows {rows} repeat it or a title, and were passed over",
        "第{rows}行是重复的表头或标题，已跳过",
    ),
    "rows-none": ("rows below the header row", "表头下面没有数据"),
}
SENTENCES: dict[str, tuple[str, str]] = {**_TABLES}
