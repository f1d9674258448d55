"""A bank's own file, read by a mapping that is kept: from what is suggested to the acknowledged fact."""

import json
from dataclasses import replace
from typing import Any

import asyncpg
import httpx
import pytest

from deploy.contexts import BY_TYPE
from services.intake.context import Intake
from services.intake.mappings import (
    Draft,
    FileMapping,
    FromColumn,
    FromConstant,
    FromName,
    FromParts,
    MappingRefused,
    checked,
    is_bounded,
    read_draft,
)
from services.intake.sources import add_source
from services.payments.service import DECLARATION as PAYMENTS
from services.platform.settings import Settings
from tests.services.intake.banks import POSTAL_BANK, ROSTER, RURAL_BANK, STATE_BANK, OwnFile, card
from tests.services.intake.conftest import OpenIntake, client, open_values, read
from tests.services.intake.suggesting import suggested
from tests.services.intake.uploads import counts

BANK = "/bank/rural/500102"
RURAL: dict[str, Any] = {
    "type": "paid",
    "columns": [
        {"column": "户号", "header": "户编号"},
        {"column": "户名", "header": "姓名"},
        {"column": "开户行", "header": "开户行"},
        {"column": "账号", "header": "卡号"},
        {"column": "金额", "header": "实发金额"},
        {"column": "发放月", "header": "发放年月"},
    ],
    "constants": [{"column": "救助类别", "value": "农村低保"}, {"column": "发放类型", "value": "常规"}],
    "from_name": [
        {"column": "到账日", "pattern": r"(\d{4}-\d{2}-\d{2})"},
        {"column": "批次", "pattern": r"(\d{4}-\d{2})"},
    ],
    "composed": [{"column": "发放编号", "parts": ["批次", "户号", "发放月"]}],
}
POSTAL: dict[str, Any] = {
    "columns": [
        {"column": "流水号", "header": "交易流水"},
        {"column": "发放编号", "header": "交易流水"},
        {"column": "户号", "header": "低保户编号"},
        {"column": "户名", "header": "客户姓名"},
        {"column": "账号", "header": "客户账号"},
        {"column": "金额", "header": "交易金额"},
        {"column": "发放月", "header": "所属月份"},
        {"column": "到账日", "header": "交易日期"},
    ],
    "constants": [{"column": "救助类别", "value": "农村低保"}, {"column": "发放类型", "value": "常规"}],
    "from_name": [{"column": "批次", "pattern": r"_(B\d{4}-\d{2})\.csv$"}],
}
STATE: dict[str, Any] = {
    "columns": [
        {"column": "发放编号", "header": "发放明细号"},
        {"column": "户号", "header": "家庭编码"},
        {"column": "救助类别", "header": "补助类别"},
        {"column": "发放类型", "header": "发放性质"},
        {"column": "发放月", "header": "补助月份"},
        {"column": "到账日", "header": "入账时间"},
        {"column": "金额", "header": "代发金额(元)"},
        {"column": "账号", "header": "收款账号"},
        {"column": "户名", "header": "收款人户名"},
        {"column": "开户行", "header": "收款行"},
        {"column": "批次", "header": "批号"},
    ]
}
HOUSEHOLDS: dict[str, Any] = {
    "type": "dibao.enrollment.enrolled.v1",
    "columns": [
        {"column": "户号", "header": "户编号"},
        {"column": "姓名", "header": "家庭成员姓名"},
        {"column": "身份证号", "header": "身份证号码"},
        {"column": "与户主关系", "header": "与户主的关系"},
        {"column": "账号", "header": "一卡通号"},
        {"column": "户名", "header": "账户名称"},
        {"column": "开户行", "header": "开户银行名称"},
        {"column": "核定金额", "header": "户月保障金"},
        {"column": "起始月", "header": "享受起始年月"},
        {"column": "区划代码", "header": "村代码"},
        {"column": "审批日期", "header": "审批时间"},
    ],
    "constants": [{"column": "救助类别", "value": "农村低保"}, {"column": "纳入方式", "value": "普通"}],
}


async def saved(intake: Intake, name: str, draft: dict[str, Any], source: str = BANK) -> httpx.Response:
    """Save a mapping as the local operator."""
    async with client(intake) as http:
        return await http.put(f"/mappings/{name}", params={"source": source}, json=draft)


async def handed_over(
    intake: Intake, file: OwnFile, mapping: str, *, key: str | None = None, **fields: str
) -> httpx.Response:
    """Hand over a bank's file."""
    params = {"name": file.name, "source": BANK, "mapping": mapping, **fields}
    async with client(intake, key) as http:
        return await http.post("/files", params=params, content=file.content)


def said(answer: httpx.Response, kind: str = "warnings") -> list[str]:
    """The Chinese sentences of a receipt."""
    return [remark["reason"] for remark in answer.json()[kind]]


async def test_a_rural_banks_workbook_becomes_facts(settings: Settings, open_context: OpenIntake) -> None:
    intake = await open_context("payments")
    assert (await saved(intake, "农商行", RURAL)).status_code == 200
    answer = await handed_over(intake, RURAL_BANK, "农商行")
    assert (answer.status_code, counts(answer)) == (202, (3, 3, 0, 0, 0)), answer.text
    assert answer.json()["control_total_fen"] == 46300 + 52050 + 146350
    events = sorted(await read(settings), key=lambda event: event.data.household_no)
    facts = [open_values(event, "account") for event in events]
    assert facts[1] == {
        "payment_no": "2021-06-LZ0002-2021-06",
        "household_no": "LZ0002",
        "programme": "rural_dibao",
        "month": "2021-06",
        "paid_on": "2021-06-28",
        "amount_fen": 52050,
        "kind": "regular",
        "batch_no": "2021-06",
    }
    holder = intake.protector.identity.name_keys("金和义")
    assert events[1].data.account.holder.exact == holder["exact"]
    assert said(answer) == [
        "按映射“农商行”第1版读取，每行均为：救助类别=农村低保、发放类型=常规",
        "从文件名读出，每行均为：到账日=2021-06-28、批次=2021-06",
        "第3行列A“序号”：不在映射中，未读取",
        "第3行列D“身份证号码”：不在映射中，未读取",
        "第3行列G“应发金额(元)”：不在映射中，未读取",
        "第3行列J“备注”：不在映射中，未读取",
        "第7行是合计，已跳过",
        "第8行是落款或说明（填报人、审核人、日期等），已跳过",
    ]
    again = await handed_over(intake, RURAL_BANK, "农商行")
    assert counts(again) == (3, 0, 3, 0, 0)


@pytest.mark.parametrize(
    ("file", "draft", "numbers"),
    [
        (POSTAL_BANK, POSTAL, [("P21062800001", "B2021-06", 46300), ("P21062800002", "B2021-06", 54000)]),
        (STATE_BANK, STATE, [("M1", "B6", 46300), ("M2", "B6", 54000)]),
    ],
)
async def test_banks_texts_become_facts(
    settings: Settings,
    open_context: OpenIntake,
    file: OwnFile,
    draft: dict[str, Any],
    numbers: list[tuple[str, str, int]],
) -> None:
    intake = await open_context("payments")
    assert (await saved(intake, "bank", draft)).json()["type"] == "dibao.payments.paid.v1"
    answer = await handed_over(intake, file, "bank")
    assert (answer.status_code, counts(answer)) == (202, (2, 2, 0, 0, 0)), answer.text
    facts = sorted((e.data.payment_no, e.data.batch_no, e.data.amount_fen) for e in await read(settings))
    assert facts == numbers
    assert {event.data.paid_on.isoformat() for event in await read(settings)} == {"2021-06-28"}


async def test_that_rows_may_not_have_been_paid_is_said(open_context: OpenIntake) -> None:
    intake = await open_context("payments")
    await saved(intake, "bank", POSTAL)
    answer = await handed_over(intake, POSTAL_BANK, "bank")
    assert "第2行列H“交易状态”：不在映射中，未读取；该列像是处理结果，请核对其中没有未成功的行" in said(
        answer
    )


async def test_a_roster_becomes_households_with_their_members(
    settings: Settings, open_context: OpenIntake
) -> None:
    intake = await open_context("enrollment")
    assert (await saved(intake, "花名册", HOUSEHOLDS)).status_code == 200
    answer = await handed_over(intake, ROSTER, "花名册", batch="R2021-06")
    assert (answer.status_code, counts(answer)) == (202, (3, 3, 0, 0, 0)), answer.text
    members = {event.data.household_no: len(event.data.members) for event in await read(settings)}
    assert members == {"LZ0101": 2, "LZ0102": 1}


@pytest.mark.parametrize(("merged", "members"), [("B3:B4", 2), ("C3:C4", None)])
async def test_merged_cells_are_read_as_everywhere(
    settings: Settings, open_context: OpenIntake, merged: str, members: int | None
) -> None:
    intake = await open_context("enrollment")
    await saved(intake, "花名册", HOUSEHOLDS)
    answer = await handed_over(intake, replace(ROSTER, merged=merged), "花名册", batch="R2021-06")
    found = {event.data.household_no: len(event.data.members) for event in await read(settings)}
    assert found.get("LZ0101") == members, answer.text
    assert found["LZ0102"] == 1


async def test_a_suggestion_that_was_edited_is_a_mapping(open_context: OpenIntake) -> None:
    draft = suggested(STATE_BANK).as_json()
    intake = await open_context("payments")
    assert (await saved(intake, "state", draft)).status_code == 200
    assert counts(await handed_over(intake, STATE_BANK, "state")) == (2, 2, 0, 0, 0)


async def test_faults_name_the_columns_as_they_stand_in_the_file(open_context: OpenIntake) -> None:
    rows = [list(row) for row in RURAL_BANK.rows]
    rows[3][5], rows[3][7] = "不详", "四百"
    rows[4][1], rows[5][8] = None, "去年"
    intake = await open_context("payments")
    await saved(intake, "农商行", RURAL)
    answer = await handed_over(intake, replace(RURAL_BANK, rows=rows), "农商行")
    assert answer.status_code == 422
    told = [remark["reason"] for remark in answer.json()["receipt"]["rejects"]]
    assert told == [
        "第4行“实发金额”：应为金额（元），最多两位小数，大于0",
        "第4行“卡号”：必填，不能为空",
        "第5行“户编号”：必填，不能为空",
        "第6行“发放年月”：应为月份，如 2021-06",
    ]


async def test_what_is_wrong_with_a_constant_is_said_of_the_constant(open_context: OpenIntake) -> None:
    intake = await open_context("payments")
    key = await add_source(intake.pool, BANK, ["payments"], ["500103"])
    village = {"column": "区划代码", "value": "500102008003"}
    await saved(intake, "农商行", {**RURAL, "constants": [*RURAL["constants"], village]})
    answer = await handed_over(intake, RURAL_BANK, "农商行", key=key)
    assert (
        answer.json()["receipt"]["rejects"][0]["reason"] == "第4行常量“区划代码”：应在此密钥的辖区内：500103"
    )
    answer = await handed_over(intake, replace(RURAL_BANK, name="2098-06-28.xlsx"), "农商行")
    assert answer.json()["receipt"]["rejects"][0]["reason"].startswith("第4行文件名“到账日”：应为2000年至")


async def test_a_row_marked_as_undone_is_never_a_payment(
    settings: Settings, open_context: OpenIntake
) -> None:
    intake = await open_context("payments")
    await saved(intake, "农商行", RURAL)
    await handed_over(intake, RURAL_BANK, "农商行")
    rows = [list(row) for row in RURAL_BANK.rows]
    rows[2].append("作废")
    rows[4].append("是")
    answer = await handed_over(intake, replace(RURAL_BANK, rows=rows), "农商行")
    assert counts(answer) == (3, 1, 2, 0, 0), answer.text
    assert answer.json()["voids"] == 1
    [void] = [event for event in await read(settings) if event.type.endswith("voided.v1")]
    assert void.data.payment_no == "2021-06-LZ0002-2021-06"


async def test_a_unit_in_the_header_counts(settings: Settings, open_context: OpenIntake) -> None:
    rows = [list(row) for row in STATE_BANK.rows]
    rows[0][6], rows[1][6], rows[2][6] = "代发金额（万元）", "0.0463", "0.054"
    intake = await open_context("payments")
    await saved(intake, "state", STATE)
    answer = await handed_over(intake, replace(STATE_BANK, rows=rows), "state")
    assert answer.json()["control_total_fen"] == 46300 + 54000


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (("卡号", "卡  号 码"), "缺少：卡号"),
        (("实发金额", "实发"), "缺少：实发金额"),
        (("备注", "卡号"), "“卡号”列出现了两次，应只有一列"),
    ],
)
async def test_a_file_that_lacks_a_column_of_the_mapping_is_refused(
    open_context: OpenIntake, change: tuple[str, str], sentence: str
) -> None:
    rows = [list(row) for row in RURAL_BANK.rows]
    rows[2][rows[2].index(change[0])] = change[1]
    intake = await open_context("payments")
    await saved(intake, "农商行", RURAL)
    answer = await handed_over(intake, replace(RURAL_BANK, rows=rows), "农商行")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "file")
    assert sentence in answer.json()["detail"]


@pytest.mark.parametrize(
    "name", ["发放表.xlsx", "农商行6月.xlsx", "2021-13-01.xlsx", "x" * 120 + "2021-06-28.xlsx"]
)
async def test_a_name_of_a_file_that_does_not_say_it_is_refused(open_context: OpenIntake, name: str) -> None:
    intake = await open_context("payments")
    await saved(intake, "农商行", RURAL)
    answer = await handed_over(intake, replace(RURAL_BANK, name=name), "农商行")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["code"] == "mapping-file-name"
    assert "“到账日”" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        (r"(\d{4}-\d{1,2})", "农商行低保发放-2021-6-28.xlsx"),
        (r"(\d{4}年\d{1,2}月)", "农商行2021年6月（到账2021-6-28）.xlsx"),
        (r"(\d{4}\.\d{1,2})", "农商行2021.6，2021-06-28.xlsx"),
        (r"(\d{6})_", "202106_2021-6-28.xlsx"),
    ],
)
async def test_a_name_in_another_dress_is_the_same_batch(
    open_context: OpenIntake, pattern: str, name: str
) -> None:
    intake = await open_context("payments")
    day = {"column": "到账日", "pattern": r"(\d{4}-\d{1,2}-\d{1,2})"}
    for mapping, batch in (("农商行", r"(\d{4}-\d{1,2})"), ("另", pattern)):
        draft = {**RURAL, "from_name": [day, {"column": "批次", "pattern": batch}]}
        assert (await saved(intake, mapping, draft)).status_code == 200
    assert counts(await handed_over(intake, RURAL_BANK, "农商行")) == (3, 3, 0, 0, 0)
    again = await handed_over(intake, replace(RURAL_BANK, name=name), "另")
    assert counts(again) == (3, 0, 3, 0, 0), again.text
    assert said(again)[1] == "从文件名读出，每行均为：到账日=2021-06-28、批次=2021-06"


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("2021-05-10导出农商行低保发放-2021-06-28.xlsx", "到账日"),
        ("2021-06农商行低保发放-2021-05-28.xlsx", "批次"),
    ],
)
async def test_a_name_that_says_two_is_refused(open_context: OpenIntake, name: str, column: str) -> None:
    intake = await open_context("payments")
    await saved(intake, "农商行", RURAL)
    answer = await handed_over(intake, replace(RURAL_BANK, name=name), "农商行")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "mapping-file-name-several")
    assert f"“{column}”" in answer.json()["detail"]
    same = replace(RURAL_BANK, name="2021-6-28导出2021-06-28.xlsx")
    draft = {
        **RURAL,
        "from_name": [
            {"column": each["column"], "pattern": r"(\d{4}-\d{1,2}-\d{1,2})"} for each in RURAL["from_name"]
        ],
    }
    await saved(intake, "农商行", draft)
    assert counts(await handed_over(intake, same, "农商行")) == (3, 3, 0, 0, 0)


async def test_a_trial_says_all_and_writes_nothing(settings: Settings, open_context: OpenIntake) -> None:
    intake = await open_context("payments")
    await saved(intake, "农商行", RURAL)
    answer = await handed_over(intake, RURAL_BANK, "农商行", dry_run="true")
    assert counts(answer) == (3, 3, 0, 0, 0)
    assert await read(settings) == []


async def test_a_key_uses_the_mappings_of_its_own_source(open_context: OpenIntake) -> None:
    intake = await open_context("payments")
    own = await add_source(intake.pool, BANK, ["payments"], ["500102"], new_households=True)
    other = await add_source(
        intake.pool, "/bank/postal/500102", ["payments"], ["500102"], new_households=True
    )
    await saved(intake, "农商行", RURAL)
    answer = await handed_over(intake, RURAL_BANK, "农商行", key=other, source="/bank/postal/500102")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (404, "mapping-unknown")
    answer = await handed_over(intake, RURAL_BANK, "农商行", key=other)
    assert answer.status_code == 404
    async with client(intake, other) as http:
        assert (await http.get("/mappings")).json() == []
        assert (await http.get("/mappings/农商行", params={"source": BANK})).status_code == 403
        assert (await http.put("/mappings/x", params={"source": BANK}, json=RURAL)).status_code == 403
        assert (await http.delete("/mappings/农商行", params={"source": BANK})).status_code == 403
    async with client(intake, own) as http:
        assert [each["name"] for each in (await http.get("/mappings")).json()] == ["农商行"]
        assert (await http.get("/mappings/农商行")).json()["source"] == BANK
    assert counts(await handed_over(intake, RURAL_BANK, "农商行", key=own)) == (3, 3, 0, 0, 0)


async def test_below_a_source_its_mappings_are_used(open_context: OpenIntake) -> None:
    intake = await open_context("payments")
    await saved(intake, "农商行", RURAL)
    below = await add_source(intake.pool, f"{BANK}/008", ["payments"], ["500102008"], new_households=True)
    answer = await handed_over(intake, RURAL_BANK, "农商行", source=f"{BANK}/008")
    assert counts(answer) == (3, 3, 0, 0, 0)
    answer = await handed_over(intake, RURAL_BANK, "农商行", source=f"{BANK}/008", key=below)
    assert answer.status_code == 404, "what stands above a key is not its own"


async def test_every_version_is_kept_with_who_and_when(settings: Settings, open_context: OpenIntake) -> None:
    intake = await open_context("payments")
    key = await add_source(intake.pool, BANK, ["payments"], ["500102"], new_households=True)
    first = (await saved(intake, "bank", RURAL)).json()
    assert (first["version"], first["saved_by"]) == (1, "local operator")
    assert (await saved(intake, "bank", RURAL)).json() == first, "nothing changed"
    async with client(intake, key) as http:
        second = (await http.put("/mappings/bank", json=STATE)).json()
        assert (second["version"], second["saved_by"]) == (2, BANK)
        assert (await http.get("/mappings/bank")).json() == second
        assert (await http.delete("/mappings/bank")).status_code == 204
        assert (await http.get("/mappings/bank")).status_code == 404
        assert (await http.delete("/mappings/bank")).status_code == 404
    assert (await handed_over(intake, RURAL_BANK, "bank")).status_code == 404
    assert (await saved(intake, "bank", RURAL)).json()["version"] == 3
    connection = await asyncpg.connect(settings.database_url)
    kept = await connection.fetch("SELECT version, removed_by FROM intake.mapping ORDER BY version")
    assert [tuple(row) for row in kept] == [(1, BANK), (2, BANK), (3, None)]
    await connection.close()


async def test_a_mapping_is_for_tables_and_for_its_own_type(open_context: OpenIntake) -> None:
    intake = await open_context("payments")
    await saved(intake, "农商行", RURAL)
    answer = await handed_over(intake, replace(RURAL_BANK, name="a.ndjson"), "农商行")
    assert answer.json()["errors"][0]["code"] == "mapping-of-table"
    answer = await handed_over(intake, RURAL_BANK, "农商行", type="dibao.payments.returned.v1")
    assert answer.json()["errors"][0]["code"] == "mapping-of-type"
    for name in ("没有", "a/b", "农商行 "):
        answer = await handed_over(intake, RURAL_BANK, name)
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (404, "mapping-unknown")
    async with client(intake) as http:
        for name, status in (("%00", 422), ("x" * 300, 404)):
            where = {"source": BANK}
            assert (await http.get(f"/mappings/{name}", params=where)).status_code == status
            assert (await http.delete(f"/mappings/{name}", params=where)).status_code == status
            assert (await http.put(f"/mappings/{name}", params=where, json=RURAL)).status_code == 422
        for body in (b"", b"[", b"\xff", b"null", b'{"columns": 1}', b'{"columns": [{"column": "\\ud800"}]}'):
            refused = await http.put("/mappings/x", params={"source": BANK}, content=body)
            assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "mapping-expected")
        for source in ("", "/a//b", "/a/", "\0"):
            refused = await http.put("/mappings/x", params={"source": source}, json=RURAL)
            assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "source")


def with_(draft: dict[str, Any], part: str, *items: dict[str, Any]) -> bytes:
    """A draft with more in one of its parts, as JSON."""
    return json.dumps({**draft, part: [*draft.get(part, ()), *items]}).encode()


def without(column: str) -> bytes:
    """The rural bank's draft without what it says of one column."""
    kept = {
        part: [item for item in items if item["column"] != column] if isinstance(items, list) else items
        for part, items in RURAL.items()
    }
    return json.dumps(kept).encode()


def constant(column: str, value: str) -> bytes:
    """The rural bank's draft with another constant."""
    draft = json.loads(without(column))
    return with_(draft, "constants", {"column": column, "value": value})


def pattern(column: str, text: str) -> bytes:
    """The rural bank's draft with something else that is taken from the file's name."""
    return with_(json.loads(without(column)), "from_name", {"column": column, "pattern": text})


@pytest.mark.parametrize(
    ("content", "faults"),
    [
        (b"{", [("body", "mapping-expected")]),
        (b"[]", [("body", "mapping-expected")]),
        (b'{"colums": []}', [("body", "mapping-expected")]),
        (b'{"columns": [{"column": "\xe5\x8d\xa1"}]}', [("body", "mapping-expected")]),
        (b"{}", [("type", "mapping-type")]),
        (b'{"type": "paid_twice"}', [("type", "mapping-type")]),
        (b'{"type": "paid"}', [("columns", "mapping-without-columns"), ("columns", "mapping-missing")]),
        (
            with_(RURAL, "columns", {"column": "卡片", "header": "备注"}),
            [("columns.6.column", "mapping-column")],
        ),
        (
            with_(RURAL, "columns", {"column": "发放类型", "header": "备注"}),
            [("constants.1.column", "mapping-twice")],
        ),
        (
            with_(RURAL, "columns", {"column": "区划代码", "header": "："}),
            [("columns.6.header", "mapping-header")],
        ),
        (
            with_(RURAL, "columns", {"column": "区划代码", "header": "6217000000007922"}),
            [("columns.6.header", "mapping-header")],
        ),
        (without("发放月"), [("composed.0.parts", "mapping-parts"), ("columns", "mapping-missing")]),
        (constant("救助类别", "低保"), [("constants.1.value", "word")]),
        (constant("救助类别", " "), [("constants.1.value", "value-required")]),
        (constant("开户行", "农商\u0000行"), [("constants.2.value", "control-characters")]),
        (constant("户名", "张三"), [("constants.2.column", "mapping-constant")]),
        (constant("账号", "6217000000007922"), [("constants.2.column", "mapping-constant")]),
        (constant("开户行", "农商行6217000000007922"), [("constants.2.value", "mapping-constant-digits")]),
        (constant("作废", "是"), [("constants.2.column", "mapping-constant")]),
        (constant("流水号", "1"), [("constants.2.column", "mapping-constant")]),
        (constant("到账日", "2021-06-28"), [("constants.2.column", "mapping-constant")]),
        (constant("金额", "540"), [("constants.2.column", "mapping-constant")]),
        (pattern("户名", "(..)"), [("from_name.2.column", "mapping-of-row")]),
        (pattern("发放编号", r"(\d+)"), [("from_name.2.column", "mapping-of-row")]),
        (
            pattern("批次", r"(\d+)+"),
            [("from_name.1.pattern", "mapping-pattern"), ("composed.0.parts", "mapping-parts")],
        ),
        (
            with_(
                json.loads(without("发放编号")), "composed", {"column": "发放编号", "parts": ["户号", "账号"]}
            ),
            [("composed.0.parts", "mapping-parts")],
        ),
        (
            with_(json.loads(without("发放编号")), "composed", {"column": "发放编号", "parts": []}),
            [("composed.0.parts", "mapping-parts")],
        ),
        (
            with_(RURAL, "composed", {"column": "流水号", "parts": ["户号"]}),
            [("composed.1.column", "mapping-composed")],
        ),
    ],
)
def test_what_is_wrong_with_a_mapping_is_said_all_of_it(
    content: bytes, faults: list[tuple[str, str]]
) -> None:
    with pytest.raises(MappingRefused) as refused:
        checked(read_draft(content), source=BANK, declared=PAYMENTS, name="bank")
    assert [(fault.field, fault.sentence.code) for fault in refused.value.faults] == faults
    for fault in refused.value.faults:
        assert "6217000000007922" not in fault.sentence.english + fault.sentence.chinese


@pytest.mark.parametrize("name", ["", "a b", "a/b", "x" * 65, "6217000000007922"])
def test_a_mapping_has_a_plain_name(name: str) -> None:
    with pytest.raises(MappingRefused) as refused:
        checked(read_draft(json.dumps(RURAL).encode()), source=BANK, declared=PAYMENTS, name=name)
    assert [fault.field for fault in refused.value.faults] == ["name"]


@pytest.mark.parametrize(
    "text",
    [
        r"(\d{4}-\d{2})",
        r"^[^_]*_(B\d+)",
        r"批次([0-9A-Z\-]{3,20})\.xlsx$",
        r"(\d{4}年\d{1,2}月)",
        r"(.+)-.*?发放",
    ],
)
def test_patterns_that_end_soon(text: str) -> None:
    assert is_bounded(text)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "a",
            "()",
            "(a",
            "a)",
            "(a)(b)",
            "((a))",
            "(a)+",
            "(a+)+",
            "(a|b)",
            "(?:a)",
            "(?i)(a)",
            r"(a)\1",
        ),
        *(
            "(a+b+c+d+)",
            "(a?b?c?d?)",
            "(a**)",
            "(a{2}{3})",
            "([[a]b)",
            "([a--b])",
            "([])",
            "(a{999})",
            "(" + "a" * 99 + ")",
        ),
        *(r"(\b\d)", "(\0)", "(?=a)(a)", "([b-a])", "+(a)"),
    ],
)
def test_patterns_that_may_not(text: str) -> None:
    assert not is_bounded(text)


def test_a_draft_names_columns_by_header_field_or_another_name() -> None:
    stated = Draft(
        type="payments.paid",
        columns=(
            FromColumn("household_no", "户编号"),
            FromColumn("account.number", "卡号"),
            FromColumn("账户名", "户主"),
            FromColumn("发放金额", "金额（万元）"),
            FromColumn("所属月", "月份"),
            FromColumn("到账日期", "日期"),
        ),
        constants=(FromConstant("programme", "特困"), FromConstant("kind", "一次性")),
        from_name=(FromName("批次号", r"(\d+)"),),
        composed=(FromParts("支付编号", ("batch_no", "户号")),),
    )
    mapping = checked(stated, source=BANK, declared=PAYMENTS, name="bank")
    form = BY_TYPE["dibao.payments.paid.v1"]
    assert mapping == FileMapping(
        source=BANK,
        name="bank",
        form=form,
        columns={
            "household_no": "户编号",
            "account.number": "卡号",
            "account.holder_name": "户主",
            "amount_fen": "金额(万元)",
            "month": "月份",
            "paid_on": "日期",
        },
        constants={"programme": "特困", "kind": "一次性"},
        from_name={"batch_no": r"(\d+)"},
        composed={"payment_no": ("batch_no", "household_no")},
    )
    assert card(1) not in json.dumps(mapping.as_json(), ensure_ascii=False)
