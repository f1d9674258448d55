"""What is proposed of a file of unknown columns: what is plain, what is asked, what is missing."""

import io
import json
from dataclasses import replace
from typing import Any

import pytest

from deploy.contexts import forms_of
from services.intake.answers import FileRefused
from services.intake.mappings import is_bounded
from services.intake.masks import mask
from services.intake.suggestions import Suggestion, suggest
from tests.services.intake.banks import (
    POSTAL_BANK,
    ROSTER,
    RURAL_BANK,
    STATE_BANK,
    OwnFile,
    card,
    id_number,
)
from tests.services.intake.suggesting import suggested


def columns(found: Suggestion) -> dict[str, str]:
    """The header in the file, by the form's column."""
    return {each.column.header: each.found.header for each in found.proposals}


def asked(found: Suggestion) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Why a column is asked after, by code, and its options."""
    return {each.column.header: (each.reason.code, each.options) for each in found.questions}


def test_a_rural_banks_workbook() -> None:
    found = suggested(RURAL_BANK)
    assert (found.form.verb, found.sample.header_row) == ("paid", 3)
    assert columns(found) == {
        "户号": "户编号",
        "发放月": "发放年月",
        "金额": "实发金额",
        "账号": "卡号",
        "开户行": "开户行",
    }
    assert asked(found) == {
        "发放编号": ("suggest-compose", ("--compose 发放编号=户号+发放月+批次",)),
        "救助类别": ("suggest-constant-said", ("--constant 救助类别=农村低保",)),
        "发放类型": (
            "suggest-constant",
            ("--constant 发放类型=常规", "--constant 发放类型=补发", "--constant 发放类型=一次性"),
        ),
        "户名": ("suggest-holder", ('--column "姓名=户名"',)),
        "到账日": ("suggest-file-name", (r'--from-name "到账日=(\d{4}-\d{1,2}-\d{1,2})"',)),
        "批次": ("suggest-file-name", (r'--from-name "批次=(\d{4}-\d{1,2})"',)),
    }
    assert found.missing == ()
    assert [each.found.header for each in found.unread] == ["序号", "身份证号码", "应发金额(元)", "备注"]


def test_of_due_and_paid_the_paid_one_counts_and_how_many_differ_is_said() -> None:
    amount = next(each for each in suggested(RURAL_BANK).proposals if each.column.header == "金额")
    assert (amount.reason.code, dict(amount.reason.values)["differing"]) == ("suggest-paid", 1)
    assert "有1行两者不同" in amount.reason.chinese


def test_what_was_due_alone_is_asked() -> None:
    rows = [[cell for at, cell in enumerate(row) if at != 7] for row in RURAL_BANK.rows]
    found = suggested(replace(RURAL_BANK, rows=rows, merged=""))
    assert "金额" not in columns(found)
    assert asked(found)["金额"] == ("suggest-due", ('--column "应发金额(元)=金额"',))


def test_a_banks_text_in_gb18030_says_whether_rows_were_paid_and_nobody_reads_it() -> None:
    found = suggested(POSTAL_BANK)
    assert columns(found) == {
        "户号": "低保户编号",
        "发放月": "所属月份",
        "到账日": "交易日期",
        "金额": "交易金额",
        "账号": "客户账号",
        "户名": "客户姓名",
    }
    assert asked(found)["流水号"] == ("suggest-serial", ('--column "交易流水=流水号"',))
    notes = {each.found.header: each.note.code if each.note else None for each in found.unread}
    assert notes == {"交易状态": "suggest-outcome", "摘要": None}


def test_a_file_that_has_everything() -> None:
    found = suggested(STATE_BANK)
    assert (found.questions, found.missing, found.unread) == ((), (), ())
    assert columns(found)["金额"] == "代发金额(元)"
    assert min(each.confidence for each in found.proposals) >= 0.9


def test_a_roster_with_members_in_rows() -> None:
    found = suggested(ROSTER, "enrollment")
    assert (found.form.verb, found.sample.where) == ("enrolled", "Sheet")
    assert columns(found) == {
        "户号": "户编号",
        "区划代码": "村代码",
        "姓名": "家庭成员姓名",
        "身份证号": "身份证号码",
        "与户主关系": "与户主的关系",
        "账号": "一卡通号",
        "户名": "账户名称",
        "开户行": "开户银行名称",
        "起始月": "享受起始年月",
        "核定金额": "户月保障金",
        "审批日期": "审批时间",
    }
    assert set(asked(found)) == {"救助类别", "纳入方式"}


def test_a_header_that_holds_something_else_is_asked() -> None:
    rows = [list(row) for row in STATE_BANK.rows]
    for row in rows[1:]:
        row[7] = "张三"
    found = suggested(replace(STATE_BANK, rows=rows))
    assert asked(found)["账号"][0] == "suggest-unlike"


def test_two_columns_that_mean_the_same_are_asked() -> None:
    rows = [[*row, card(at + 1)] for at, row in enumerate(STATE_BANK.rows)]
    rows[0][-1] = "银行卡号"
    found = suggested(replace(STATE_BANK, rows=rows))
    assert asked(found)["账号"] == (
        "suggest-several",
        ('--column "收款账号=账号"', '--column "银行卡号=账号"'),
    )


def test_a_header_that_nobody_knows_is_told_by_its_contents_and_asked() -> None:
    rows = [[*row] for row in STATE_BANK.rows] + [list(STATE_BANK.rows[1])]
    rows[0][7] = "惠民卡"
    found = suggested(replace(STATE_BANK, rows=rows))
    assert asked(found)["账号"] == ("suggest-looks", ('--column "惠民卡=账号"',))


@pytest.mark.parametrize("file", [RURAL_BANK, POSTAL_BANK, STATE_BANK, ROSTER])
def test_no_value_of_a_person_is_shown(file: OwnFile) -> None:
    context = "enrollment" if file is ROSTER else "payments"
    said = json.dumps(suggested(file, context).as_json(), ensure_ascii=False)
    shown = [str(cell) for row in file.rows for cell in row if cell]
    for secret in (
        "白云飞",
        "金和义",
        "王䶮",
        "赵国强",
        "何淑华",
        "周立",
        *map(card, range(14)),
        id_number(1),
    ):
        assert secret not in said
    assert any("白云飞" in text or "王䶮" in text or "赵国强" in text for text in shown)


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.csv", "白云飞,6217000000007922\n金和义,6217000000007922\n".encode(), "suggest-no-header"),
        ("a.csv", b"", "file-empty"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "suffix"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "file-old-or-locked"),
        ("a.xlsx", b"PK\x03\x04", "workbook-unopened"),
        ("a.csv", RURAL_BANK.content, "file-is-workbook"),
    ],
)
def test_what_is_no_table_is_refused(name: str, content: bytes, code: str) -> None:
    with pytest.raises(FileRefused) as refused:
        suggest(io.BytesIO(content), name, forms_of("payments"))
    assert refused.value.sentence.code == code


@pytest.mark.parametrize(
    ("headers", "context", "code"),
    [
        ("姓名 身份证号码 电话 备注", "payments", "suggest-no-form"),
        ("户编号 卡号 户名 所属月份", "payments", ""),
        ("户编号 救助类别 起始年月 截止月 审批日期", "enrollment", ""),
        ("户编号 救助类别 起始年月", "enrollment", "type-of-rows"),
    ],
)
def test_a_file_that_fits_no_form_or_several_is_refused(headers: str, context: str, code: str) -> None:
    try:
        suggested(OwnFile("a.csv", [list(headers.split())]), context)
    except FileRefused as refused:
        assert refused.sentence.code == code
    else:
        assert not code


def test_a_unit_in_the_header_makes_no_other_header_of_it() -> None:
    rows: list[list[Any]] = [list(row) for row in STATE_BANK.rows]
    rows[0][6] = "代发金额（万元）"
    rows[0][1] = "家庭编码（必填）"
    assert columns(suggested(replace(STATE_BANK, rows=rows)))["户号"] == "家庭编码(必填)"


def test_of_two_days_in_a_name_one_has_to_be_chosen() -> None:
    file = replace(RURAL_BANK, name="2021-05-10导出农商行低保发放-2021-06-28.xlsx")
    options = {each.column.header: each for each in suggested(file).questions}
    day, batch = options["到账日"], options["批次"]
    assert day.reason.code == batch.reason.code == "suggest-file-name-several"
    assert day.options == (
        r'--from-name "到账日=^(\d{4}-\d{1,2}-\d{1,2})"',
        r'--from-name "到账日=(\d{4}-\d{1,2}-\d{1,2})\.[a-z]+$"',
    )
    assert batch.options[-1] == r'--from-name "批次=(\d{4}-\d{1,2})-\d{1,2}\.[a-z]+$"'
    assert all(is_bounded(each.partition("=")[2].strip('"')) for each in (*day.options, *batch.options))


def test_below_a_header_of_words_only_words_are_shown() -> None:
    """A bank's 类型 may hold names: whoever looks at a suggestion sees no person."""
    rows = [
        ["户编号", "发放类型", "救助类别"],
        ["LZ000817", "张三丰", "农村低保"],
        ["LZ000818", "常规", "500102199003071234"],
    ]
    content = "\n".join(",".join(row) for row in rows).encode()
    found = suggest(
        io.BytesIO(content), "a.csv", [form for form in forms_of("payments") if form.verb == "paid"]
    )
    samples = {each.header: each.samples for question in found.questions for each in question.found}
    samples |= {each.found.header: each.found.samples for each in found.proposals}
    assert samples["发放类型"] == (mask("张三丰"), "常规")
    assert samples["救助类别"] == ("农村低保", mask("500102199003071234"))
