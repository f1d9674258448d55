"""Annex 2 as a file has the form's own layout."""

import csv
from datetime import date
from io import BytesIO

import openpyxl
import pytest

from projections.annex2.form import cells, check, form
from services.reporting.annex2 import Annex2
from services.reporting.exports.annex2_excel import annex2_workbook
from services.reporting.exports.annex2_files import annex2_file
from services.reporting.exports.annex2_text import annex2_csv

EMPTY = cells([]) | {"A4": None}
"""As if nothing fed A4: a column that nothing feeds is shown so, and not as 0."""
TOTAL = EMPTY | {"A1h": 5, "B3": 1}
FILLED = Annex2(
    until=date(2021, 12, 31),
    as_of=date(2022, 1, 3),
    programme="rural_dibao",
    by="village",
    total=TOTAL,
    checks=check(TOTAL),
    rows=[("500102008201", EMPTY | {"A1h": 5}), (None, EMPTY)],
)


@pytest.fixture(scope="module")
def sheet() -> openpyxl.worksheet.worksheet.Worksheet:
    return openpyxl.load_workbook(BytesIO(annex2_workbook(FILLED, "荔枝街道社保所"))).active


MERGES = {
    "A2:AK2": "2021年全国农村低保专项治理巩固提升行动工作台账",
    "A4:A8": "村(社区)",
    "B4:X4": "政策落实情况",
    "Y4:AF4": "问题线索查处情况",
    "AG4:AK5": "社会救助领域信访事项处理情况",
    "B5:Q5": "农村低保政策落实情况",
    "S5:V5": "特困人员供养服务落实情况",
    "W5:X5": "低保金管理发放情况",
    "Y5:AB5": "地方各级民政部门查处情况",
    "AC5:AF5": "驻民政部门纪检监察组（办）查处情况",
    "B6:C8": "退出不再符合条件低保对象数",
    "D6:K6": "其中",
    "D7:E8": "清退“关系保”“人情保”数",
    "H7:I8": "死亡人员退出低保数",
    "L6:M8": "新纳入低保对象数",
    "N6:Q6": "其中",
    "R6:R8": "受疫情影响纳入临时救助数",
    "S6:S8": "有集中供养需求人数",
    "T7:T8": "安排入住机构人数",
    "AG6:AG8": "重复信访事项数",
    "AH6:AK6": "其中",
    "AH7:AH8": "投诉举报",
    "AJ7:AJ8": "求助申请数",
    "B10:C10": "等于四项之和",
    "AG10:AK10": "2018年以来重复信访",
    "A14:AK14": "除重复信访事项外，其余数据均为2021年1月以来累计数据。",
}


def test_merged_heads(sheet: openpyxl.worksheet.worksheet.Worksheet) -> None:
    merged = {str(place): sheet[str(place).split(":")[0]].value for place in sheet.merged_cells.ranges}
    for place, text in MERGES.items():
        assert merged.get(place) == text, place


def test_single_heads(sheet: openpyxl.worksheet.worksheet.Worksheet) -> None:
    singles = {
        "R5": "临时救助政策落实情况", "T6": "其中", "AI7": "其中", "AI8": "已处置到位数",
        "AK8": "已处置到位数", "L10": "等于户数之和", "M10": "等于人数之和", "A9": "单位", "A10": "填报说明",
    }  # fmt: skip
    assert {place: sheet[place].value for place in singles} == singles


def test_every_column_has_its_unit(sheet: openpyxl.worksheet.worksheet.Worksheet) -> None:
    units = [cell.value for cell in sheet[9][1:]]
    assert units == [column.unit for column in form().columns]


def test_rows(sheet: openpyxl.worksheet.worksheet.Worksheet) -> None:
    assert [sheet.cell(row, 1).value for row in (11, 12, 13)] == [
        "荔枝街道鹅颈关村 500102008201",
        "村(社区)不明",
        "合计",
    ]
    assert sheet["B13"].value == 5
    assert sheet["D13"].value == 0
    assert (sheet["S13"].value, sheet["Y13"].value) == ("未接入", 0)


def test_what_does_not_come_out_is_said_below(sheet: openpyxl.worksheet.worksheet.Worksheet) -> None:
    below = [sheet.cell(row, 1).value for row in range(14, sheet.max_row + 1)]
    assert below[1].startswith("农村低保；截至2021-12-31（以2022-01-03日终入库数据为准）；打印日期：")
    assert below[2] == "“未接入”：该栏尚无数据来源，不等于0。"
    assert below[3:5] == ["校核 A1h = A1ah + A1bh + A1ch + A1dh：差额 5", "校核 B3 ≤ B2：差额 1"]


def test_the_form_as_csv() -> None:
    rows = list(csv.reader(annex2_csv(FILLED).decode("utf-8-sig").splitlines()))
    assert rows[0] == ["栏", "项目", "单位", "荔枝街道鹅颈关村 500102008201", "村(社区)不明", "合计"]
    by_code = {row[0]: row[1:] for row in rows}
    assert by_code["A1h"] == [
        "政策落实情况/农村低保政策落实情况/退出不再符合条件低保对象数",
        "户",
        "5",
        "0",
        "5",
    ]
    assert by_code["A4"][2:] == ["未接入"] * 3
    assert [row[0] for row in rows[1 : 1 + len(form().columns)]] == [column.code for column in form().columns]
    checks = {row[1]: row[-1] for row in rows if row[0] == "校核"}
    assert len(checks) == len(form().checks)
    assert checks["A1h = A1ah + A1bh + A1ch + A1dh"] == "差额 5"
    assert (checks["B3 ≤ B2"], checks["B2 ≤ B1"], checks["A4a ≤ A4"]) == ("差额 1", "符合", "未接入")


def test_no_merge_overlaps_another(sheet: openpyxl.worksheet.worksheet.Worksheet) -> None:
    taken: set[tuple[int, int]] = set()
    for place in sheet.merged_cells.ranges:
        inside = set(place.cells)
        assert not inside & taken, place
        taken |= inside


def test_what_an_office_writes_around_the_form(sheet: openpyxl.worksheet.worksheet.Worksheet) -> None:
    assert sheet["A1"].value == "附件2"
    assert sheet["A3"].value.split() == [
        "填报单位（盖章）：荔枝街道社保所",
        "截至2021-12-31（以2022-01-03日终入库数据为准）",
    ]
    assert sheet.cell(sheet.max_row, 1).value.startswith("填报人：＿＿")
    assert "联系电话：" in sheet.cell(sheet.max_row, 1).value
    unsigned = openpyxl.load_workbook(BytesIO(annex2_workbook(FILLED))).active
    assert unsigned["A3"].value.startswith("填报单位（盖章）：＿＿")


def test_it_is_printed_on_a3_with_its_heads_on_every_page(
    sheet: openpyxl.worksheet.worksheet.Worksheet,
) -> None:
    assert (int(sheet.page_setup.paperSize), sheet.page_setup.orientation) == (8, "landscape")
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.page_setup.fitToHeight == 0, "as many pages high as it takes"
    assert sheet.print_title_rows == "$1:$9"
    assert sheet.freeze_panes == "B10"
    assert sheet.oddFooter.center.text == "第 &P 页  共 &N 页"


async def test_on_paper() -> None:
    with await annex2_file(FILLED, "pdf", "荔枝街道社保所") as file:
        paper = file.read()
    assert paper.startswith(b"%PDF-")
    assert b"/MediaBox[0 0 1190.5511 841.8898]" in paper, "A3, landscape"


async def test_a_csv_in_the_character_set_of_older_programs() -> None:
    with await annex2_file(FILLED, "csv", encoding="gb18030") as file:
        assert file.read().decode("gb18030").startswith("栏,项目,单位,荔枝街道鹅颈关村 500102008201,")
