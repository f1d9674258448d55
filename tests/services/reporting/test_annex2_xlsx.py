"""The Excel sheet has the form's own merged heads."""

import csv
from datetime import date
from io import BytesIO

import openpyxl
import pytest

from projections.annex2.form import cells, check, form
from services.reporting.annex2 import Annex2
from services.reporting.annex2_csv import annex2_csv
from services.reporting.annex2_xlsx import workbook

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
    return openpyxl.load_workbook(BytesIO(workbook(FILLED))).active


MERGES = {
    "A1:AK1": "2021年全国农村低保专项治理巩固提升行动工作台账",
    "A2:A6": "村(社区)",
    "B2:X2": "政策落实情况",
    "Y2:AF2": "问题线索查处情况",
    "AG2:AK3": "社会救助领域信访事项处理情况",
    "B3:Q3": "农村低保政策落实情况",
    "S3:V3": "特困人员供养服务落实情况",
    "W3:X3": "低保金管理发放情况",
    "Y3:AB3": "地方各级民政部门查处情况",
    "AC3:AF3": "驻民政部门纪检监察组（办）查处情况",
    "B4:C6": "退出不再符合条件低保对象数",
    "D4:K4": "其中",
    "D5:E6": "清退“关系保”“人情保”数",
    "H5:I6": "死亡人员退出低保数",
    "L4:M6": "新纳入低保对象数",
    "N4:Q4": "其中",
    "R4:R6": "受疫情影响纳入临时救助数",
    "S4:S6": "有集中供养需求人数",
    "T5:T6": "安排入住机构人数",
    "AG4:AG6": "重复信访事项数",
    "AH4:AK4": "其中",
    "AH5:AH6": "投诉举报",
    "AJ5:AJ6": "求助申请数",
    "B8:C8": "等于四项之和",
    "AG8:AK8": "2018年以来重复信访",
    "A12:AK12": "除重复信访事项外，其余数据均为2021年1月以来累计数据。",
}


def test_merged_heads(sheet: openpyxl.worksheet.worksheet.Worksheet) -> None:
    merged = {str(place): sheet[str(place).split(":")[0]].value for place in sheet.merged_cells.ranges}
    for place, text in MERGES.items():
        assert merged.get(place) == text, place


def test_single_heads(sheet: openpyxl.worksheet.worksheet.Worksheet) -> None:
    singles = {
        "R3": "临时救助政策落实情况", "T4": "其中", "AI5": "其中", "AI6": "已处置到位数",
        "AK6": "已处置到位数", "L8": "等于户数之和", "M8": "等于人数之和", "A7": "单位", "A8": "填报说明",
    }  # fmt: skip
    assert {place: sheet[place].value for place in singles} == singles


def test_every_column_has_its_unit(sheet: openpyxl.worksheet.worksheet.Worksheet) -> None:
    units = [cell.value for cell in sheet[7][1:]]
    assert units == [column.unit for column in form().columns]


def test_rows(sheet: openpyxl.worksheet.worksheet.Worksheet) -> None:
    assert [sheet.cell(row, 1).value for row in (9, 10, 11)] == ["500102008201", "村(社区)不明", "合计"]
    assert sheet["B11"].value == 5
    assert sheet["D11"].value == 0
    assert (sheet["S11"].value, sheet["Y11"].value) == ("未接入", 0)


def test_what_does_not_come_out_is_said_below(sheet: openpyxl.worksheet.worksheet.Worksheet) -> None:
    below = [sheet.cell(row, 1).value for row in range(12, sheet.max_row + 1)]
    assert below[1] == "农村低保；截至2021-12-31，以2022-01-03日终入库数据为准"
    assert below[2:] == ["校核 A1h = A1ah + A1bh + A1ch + A1dh：差额 5", "校核 B3 ≤ B2：差额 1"]


def test_the_form_as_csv() -> None:
    rows = list(csv.reader(annex2_csv(FILLED).removeprefix("\ufeff").splitlines()))
    assert rows[0] == ["栏", "项目", "单位", "500102008201", "村(社区)不明", "合计"]
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
