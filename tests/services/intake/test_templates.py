"""Templates: what an office sees before it fills one in."""

import io

import openpyxl
import pytest

from deploy.contexts import BY_TYPE, FORMS, forms_named, forms_of
from services.intake.context import Intake
from services.intake.forms import Form
from services.intake.tables import read_xlsx
from services.intake.templates import explanation, template
from tests.services.intake.conftest import OpenIntake, client

PAID = BY_TYPE["dibao.payments.paid.v1"]


def test_headers_say_what_they_want() -> None:
    comments = {column.header: explanation(column) for column in PAID.columns}
    assert comments["发放类型"] == "发放类型：必填\n可填：常规、补发、一次性\n字段：kind"
    assert comments["金额"] == "金额：必填\n格式：金额，单位元，最多两位小数\n字段：amount_fen"
    change = BY_TYPE["dibao.screening.assessed.v1"].by_field["income_change_fen"]
    assert "可为 0 或负数" in explanation(change)
    assert "可填多个" in explanation(BY_TYPE["dibao.clues.exempted.v1"].by_field["grounds"])


def test_a_template_keeps_long_numbers_and_offers_words() -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(template([PAID])))["资金发放"]
    headers = {str(cell.value): cell for cell in sheet[2]}
    assert [str(merged) for merged in sheet.merged_cells.ranges] == ["A1:Q1"]
    assert sheet.freeze_panes == "A3"
    assert sheet.column_dimensions[headers["账号"].column_letter].number_format == "@"
    assert sheet.column_dimensions[headers["到账日"].column_letter].number_format == "yyyy-mm-dd"
    assert sheet.column_dimensions[headers["金额(元)"].column_letter].number_format == "0.00"
    offered = {str(rule.sqref): rule.formula1 for rule in sheet.data_validations.dataValidation}
    assert offered[f"{headers['发放类型'].column_letter}3:{headers['发放类型'].column_letter}1048576"] == (
        '"常规,补发,一次性"'
    )
    colours = {name: cell.fill.fgColor.rgb for name, cell in headers.items()}
    assert colours["户号"] != colours["开户行"]
    comment = headers["户号"].comment
    assert comment is not None
    assert comment.text.startswith("户号：必填")


@pytest.mark.parametrize("form", FORMS, ids=lambda form: str(form.short_name))
def test_a_template_is_recognised_and_a_spreadsheet_takes_it(form: Form) -> None:
    content = template([form])
    assert read_xlsx(io.BytesIO(content), forms_of(form.entry.context)).form is form
    sheet = openpyxl.load_workbook(io.BytesIO(content))[form.title]
    # Longer lists of words a spreadsheet calls a damaged file.
    assert all(len(rule.formula1) <= 255 for rule in sheet.data_validations.dataValidation)
    assert len(form.title) <= 31


def test_a_name_is_a_contexts_or_a_types() -> None:
    assert forms_named("payments") == forms_of("payments")
    assert forms_named("payments.paid") == forms_named("dibao.payments.paid.v1") == (PAID,)
    assert forms_named("payment") == ()


async def test_templates_can_be_fetched_from_the_service(open_context: OpenIntake) -> None:
    intake: Intake = await open_context("payments")
    async with client(intake, "") as http:
        of_context = await http.get("/templates")
        of_type = await http.get("/templates/paid")
        other = await http.get("/templates/enrolled")
        again = await http.get("/templates/paid")
        unchanged = await http.get("/templates/paid", headers={"If-None-Match": of_type.headers["etag"]})
    assert again.content == of_type.content  # it is made once: a workbook says when it was made
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert openpyxl.load_workbook(io.BytesIO(of_context.content)).sheetnames == [
        "资金发放", "资金退回", "资金追回"
    ]  # fmt: skip
    assert openpyxl.load_workbook(io.BytesIO(of_type.content)).sheetnames == ["资金发放"]
    assert of_type.headers["content-disposition"] == 'attachment; filename="payments.paid.xlsx"'
    assert (other.status_code, other.json()["errors"][0]["expected"]) == (
        404,
        "one of paid, returned, recovered",
    )
