"""Files as offices have them: onto the log row by row, with a receipt and a report of what did not go in."""

import io
import json
import zipfile
from datetime import datetime
from typing import Any

import asyncpg
import httpx
import pytest

from events.catalogue import UPSTREAM_CONTEXTS
from events.envelope import event_id_of
from services.intake.sentences import say
from services.intake.sources import add_source
from services.platform.settings import Settings
from tests.services.intake.conftest import OpenIntake, client, open_values, read
from tests.services.intake.uploads import (
    DEATHS,
    DIED,
    PAID,
    PAYMENTS,
    SOURCE,
    counts,
    csv_bytes,
    receipt_of,
    upload,
    with_cells,
    xlsx_bytes,
)
from tests.services.platform.golden import STATED, facts_of


def rejects(answer: httpx.Response) -> list[tuple[int, str, str]]:
    """What is said of rejected rows: row, column, sentence."""
    return [(item["row"], item["column"], item["reason"]) for item in receipt_of(answer)["rejects"]]


@pytest.mark.parametrize(
    ("encoding", "delimiter"),
    [("utf-8", ","), ("utf-8-sig", ","), ("gb18030", ","), ("gb18030", ";"), ("utf-8", "\t")],
)
async def test_a_csv_in_the_ways_offices_write_it(
    settings: Settings, open_context: OpenIntake, encoding: str, delimiter: str
) -> None:
    second = with_cells(PAID, PAYMENTS, 流水号="S2", 发放编号="P2", 户名="王䶮", 金额="1,463.5")
    intake = await open_context("payments")
    content = csv_bytes([PAYMENTS, PAID, second], encoding, delimiter)
    answer = await upload(intake, "6月.csv", content)
    assert answer.status_code == 202, answer.text
    assert counts(answer) == (2, 2, 0, 0, 0)
    assert answer.json()["control_total_fen"] == 46300 + 146350
    events = {event.serial: event for event in await read(settings)}
    first = events["S1"]
    assert first.event_id == event_id_of(SOURCE, "S1")
    assert first.time == datetime.fromisoformat("2021-06-28T00:00:00+08:00")
    data = open_values(first, "account")
    assert data == {
        "payment_no": "P1",
        "household_no": "H1",
        "programme": "rural_dibao",
        "month": "2021-06",
        "paid_on": "2021-06-28",
        "amount_fen": 46300,
        "kind": "regular",
        "batch_no": "B2021-06",
    }
    assert (first.data.account.bank, first.data.account.institution) == ("农商行", False)
    names = intake.protector.identity.name_keys("王䶮")
    assert events["S2"].data.account.holder.exact == names["exact"]

    again = await upload(intake, "6月.csv", content)
    assert counts(again) == (2, 0, 2, 0, 0)
    assert (again.json()["control_total_fen"], again.json()["file_total_fen"]) == (0, 192650)


async def test_a_file_and_http_say_the_same_fact(settings: Settings, open_context: OpenIntake) -> None:
    intake = await open_context("payments")
    await upload(intake, "a.csv", csv_bytes([PAYMENTS, PAID]))
    fact = {
        "specversion": "1.0",
        "id": "S1",
        "source": SOURCE,
        "type": "dibao.payments.paid.v1",
        "time": "2021-06-28T00:00:00+08:00",
        "data": {
            "payment_no": "P1",
            "household_no": "H1",
            "programme": "rural_dibao",
            "month": "2021-06",
            "paid_on": "2021-06-28",
            "amount_fen": 46300,
            "kind": "regular",
            "account": {"number": "6217 0000 0000 7922", "holder_name": "白云飞", "bank": "农商行"},
            "batch_no": "B2021-06",
        },
    }
    async with client(intake) as http:
        assert (await http.post("/events", json=fact)).json()["status"] == "repeated"


async def test_a_workbook_with_merged_titles_above_and_sums_below(
    settings: Settings, open_context: OpenIntake
) -> None:
    rows: list[list[Any]] = [
        ["荔枝街道2021年6月农村低保金发放表"],
        ["填报单位：社保所", None, "单位：元"],
        ["序号", *PAYMENTS],
        [1, *PAID],
        [2, *with_cells(PAID, PAYMENTS, 流水号="S2", 发放编号="P2")],
        [None],
        ["合计", None, None, None, None, None, None, 926.0],
    ]
    rows[3][5], rows[3][6], rows[3][7] = 202106, datetime(2021, 6, 28), 463
    rows[4][5], rows[4][6], rows[4][7] = "2021年6月", "2021.6.28", 463.1
    answer = await upload(await open_context("payments"), "表.xlsx", xlsx_bytes(rows, "A1:O1"))
    assert counts(answer) == (2, 2, 0, 0, 0), answer.text
    assert answer.json()["control_total_fen"] == 46300 + 46310
    for event in await read(settings):
        assert (event.data.month, event.data.paid_on.isoformat()) == ("2021-06", "2021-06-28")


async def test_good_rows_go_in_and_bad_ones_are_reported(
    settings: Settings, open_context: OpenIntake
) -> None:
    bad = [
        ({"金额": "0"}, "金额(元)", "0", "amount-positive"),
        ({"金额": "4.635"}, "金额(元)", "4***5", "amount-positive"),
        ({"金额": ""}, "金额(元)", "", "value-required"),
        ({"金额": "/"}, "金额(元)", "/", "value-required"),
        ({"发放月": "2021-13"}, "发放月", "2*****3", "month"),
        ({"到账日": "2021-02-30"}, "到账日", "2********0", "day"),
        ({"救助类别": "低保"}, "救助类别", "低*", "word"),
        ({"账号": "62"}, "账号", "6*", "account-number-form"),
        ({"户名": ""}, "户名", "", "value-required"),
        ({"集体账户": "大概"}, "集体账户", "大*", "yes-no"),
        ({"户号": "500102196011093454"}, "户号", "50**************54", "id-number-shown"),
    ]
    words = "、".join(("城市低保", "农村低保", "特困供养", "临时救助"))
    rows = [with_cells(PAID, PAYMENTS, 流水号=f"S{n}", **cells) for n, (cells, *_) in enumerate(bad, 10)]
    answer = await upload(await open_context("payments"), "a.csv", csv_bytes([PAYMENTS, PAID, *rows]))
    assert answer.status_code == 207
    assert counts(answer) == (12, 1, 0, 11, 0)
    assert answer.json()["rejects"] == [
        {
            "row": number,
            "column": column,
            "masked": masked,
            "code": code,
            "reason": f"第{number}行“{column}”：{say(code, words=words).chinese}",
            "expected": say(code, words=words).english,
        }
        for number, (_, column, masked, code) in enumerate(bad, 3)
    ]
    assert len(await read(settings)) == 1


async def test_all_that_is_wrong_with_a_row_is_told_at_once(open_context: OpenIntake) -> None:
    row = with_cells(PAID, PAYMENTS, 金额="0", 到账日="六月底", 户号="", 账号="62")
    answer = await upload(await open_context("payments"), "a.csv", csv_bytes([PAYMENTS, row]))
    assert (answer.status_code, counts(answer)) == (422, (1, 0, 0, 1, 0))
    assert rejects(answer) == [
        (2, "到账日", "第2行“到账日”：应为日期，如 2021-06-28"),
        (2, "金额(元)", "第2行“金额(元)”：应为金额（元），最多两位小数，大于0"),
        (2, "户号", "第2行“户号”：必填，不能为空"),
        (2, "账号", "第2行“账号”：账号应为4至34位数字或字母，连写或每四位一组"),
    ]


async def test_a_workbook_that_lost_digits_or_computes_is_told_so(open_context: OpenIntake) -> None:
    rows: list[list[Any]] = [PAYMENTS, list(PAID), with_cells(PAID, PAYMENTS, 流水号="S2")]
    rows[1][8] = 6217000000007922000
    rows[2][6] = "=400+63"
    answer = await upload(await open_context("payments"), "a.xlsx", xlsx_bytes(rows))
    assert answer.status_code == 422
    assert rejects(answer) == [
        (2, "账号", "第2行“账号”：应为文本：按数字保存的长号码只保留15位，后面的已丢失"),
        (3, "金额(元)", "第3行“金额(元)”：是公式，应填写数值本身（可复制后“选择性粘贴—值”）"),
    ]


async def test_a_row_marked_as_void_undoes_its_serial(settings: Settings, open_context: OpenIntake) -> None:
    rows = [
        [*PAID, ""],
        [*with_cells(PAID, PAYMENTS, 作废="是"), "重复发放"],
        [*with_cells(PAID, PAYMENTS, 作废="√"), ""],
        [*with_cells(PAID, PAYMENTS, 流水号="S2", 发放编号="P2", 作废="否"), "无"],
        [*with_cells(PAID, PAYMENTS, 流水号="S3", 发放编号="P3", 作废="重复发放"), ""],
        [*with_cells(PAID, PAYMENTS, 流水号="S4", 发放编号="P4"), "重复发放"],
    ]
    intake = await open_context("payments")
    content = csv_bytes([[*PAYMENTS, "作废原因"], *rows])
    answer = await upload(intake, "a.csv", content)
    assert (counts(answer), answer.json()["voids"]) == ((6, 4, 0, 2, 0), 2), answer.text
    assert rejects(answer) == [
        (6, "作废", "第6行“作废”：应为“是”或“否”，或不填；作废的理由写在“作废原因”列"),
        (7, "作废", "第7行“作废”：填写了作废原因，但“作废”没有填“是”"),
    ]
    facts = await read(settings)
    assert sorted(event.serial for event in facts if not event.entry.void) == ["S1", "S2"]
    voids = [event for event in facts if event.type == "dibao.payments.voided.v1"]
    assert len({event.event_id for event in voids}) == 2
    for event in voids:
        assert (event.data.source, event.data.id, event.data.type) == (
            SOURCE,
            "S1",
            "dibao.payments.paid.v1",
        )
        assert (event.data.household_no, event.data.payment_no) == ("H1", "P1")
    assert counts(await upload(intake, "a.csv", content)) == (6, 0, 4, 2, 0)
    # The fact without its void is said to be voided.
    alone = await upload(intake, "a.csv", csv_bytes([PAYMENTS, PAID]))
    assert (counts(alone), alone.json()["facts"]) == ((1, 0, 0, 0, 1), 0)
    assert [aside["code"] for aside in alone.json()["asides"]] == ["voided"]


async def test_a_void_without_a_serial_finds_the_fact_by_its_number(
    settings: Settings, open_context: OpenIntake
) -> None:
    intake = await open_context("payments")
    wrong = with_cells(PAID, PAYMENTS, 流水号="S1", 金额="4630")
    undone = csv_bytes([PAYMENTS, with_cells(wrong, PAYMENTS, 流水号="", 作废="是")])
    right = csv_bytes([PAYMENTS, with_cells(PAID, PAYMENTS, 流水号="S2")])
    unknown = await upload(intake, "void.csv", undone)
    assert rejects(unknown) == [(2, "流水号", "第2行“流水号”：没有找到本单位上报过的相应记录，无法作废")]
    await upload(intake, "wrong.csv", csv_bytes([PAYMENTS, wrong]))
    assert counts(await upload(intake, "void.csv", undone)) == (1, 1, 0, 0, 0)
    assert counts(await upload(intake, "right.csv", right)) == (1, 1, 0, 0, 0)
    # Handed over once more it is the same void, and does not undo the fact that has the number now.
    assert counts(await upload(intake, "void.csv", undone)) == (1, 0, 1, 0, 0)
    voids = [event for event in await read(settings) if event.entry.void]
    assert [event.data.id for event in voids] == ["S1"]


async def test_a_file_without_serials_that_undoes_its_own_rows_may_come_again(
    settings: Settings, open_context: OpenIntake
) -> None:
    row = with_cells(PAID, PAYMENTS, 流水号="")
    content = csv_bytes([PAYMENTS, row, with_cells(row, PAYMENTS, 作废="是")])
    intake = await open_context("payments")
    first = await upload(intake, "a.csv", content)
    assert (counts(first), first.json()["voids"]) == ((2, 2, 0, 0, 0), 1), first.text
    assert counts(await upload(intake, "a.csv", content)) == (2, 0, 2, 0, 0)
    assert len(await read(settings)) == 2


async def test_equal_rows_of_a_batch_are_several_facts_and_again_repeats(
    settings: Settings, open_context: OpenIntake
) -> None:
    row = with_cells(PAID, PAYMENTS, 流水号="")
    other = with_cells(row, PAYMENTS, 发放编号="P9")
    intake = await open_context("payments")
    first = await upload(intake, "a.csv", csv_bytes([PAYMENTS, row, row, other]))
    assert counts(first) == (3, 3, 0, 0, 0)
    # in another order, another encoding, another spelling of the same month
    again = csv_bytes([PAYMENTS, other, with_cells(row, PAYMENTS, 发放月="2021年6月"), row], "gb18030")
    assert counts(await upload(intake, "b.csv", again)) == (3, 0, 3, 0, 0)
    third = csv_bytes([PAYMENTS, row, row, row])
    assert counts(await upload(intake, "c.csv", third)) == (3, 1, 2, 0, 0)
    declared = await upload(intake, "c.csv", third, batch="2021-06-second")
    assert counts(declared) == (3, 3, 0, 0, 0)
    assert len(await read(settings)) == 7


async def test_rows_without_serial_need_a_batch_number(open_context: OpenIntake) -> None:
    row = with_cells(DIED, DEATHS, 流水号="")
    intake = await open_context("vitals")
    answer = await upload(intake, "a.csv", csv_bytes([DEATHS, row]))
    assert rejects(answer) == [(2, "流水号", "第2行“流水号”：应填写流水号，或上报时注明批次（batch）")]
    assert counts(await upload(intake, "a.csv", csv_bytes([DEATHS, row]), batch="1")) == (1, 1, 0, 0, 0)


FORMS: dict[str, tuple[str, list[list[str]], list[str]]] = {
    "returned": (
        "payments",
        [
            ["流水号", "发放编号", "户号", "救助类别", "发放月", "账号", "户名", "退回日期", "退回原因"],
            ["R1", "P1", "H1", "城市低保", "202106", "6217000000007922", "白云飞", "2021.7.1", "账户注销"],
        ],
        ["R1"],
    ),
    "deaths": ("vitals", [DEATHS, DIED], ["D1"]),
    "custody granted": (
        "custody",
        [
            ["流水号", "代管编号", "户号", "对象姓名", "对象身份证号", "代管人姓名", "代管人身份证号",
             "代管人类别", "账号", "协议号", "备案日期", "开始日期", "截止日期", "作废"],
            ["C1", "CU1", "H1", "周仁贵", "500102197406050752", "陶华泰", "500102197401016133", "亲属",
             "6217000000150464", "DG-1", "20201201", "2020/12/1", "2022-11-30", ""],
        ],
        ["C1"],
    ),
    "custody ended": (
        "custody",
        [["流水号", "代管编号", "户号", "终止日期", "终止原因"], ["C2", "CU1", "H1", "2021-06-02", "恢复"]],
        ["C2"],
    ),
    "petitions filed": (
        "petitions",
        [
            ["流水号", "信访编号", "信访人", "身份证号", "户号", "区划代码", "信访日期", "渠道", "信访类别",
             "事项代码", "事项"],
            ["X1", "XF1", "钱桂兰", "500102193701071603", "", "500102008201", "2019-05-01", "来访",
             "投诉举报", "M01", "反映发放问题"],
            ["X2", "XF2", "", "", "", "500102008201", "2019-05-02", "来电", "求助申请", "M02", "匿名求助"],
        ],
        ["X1", "X2"],
    ),
    "petitions closed": (
        "petitions",
        [["流水号", "信访编号", "办结日期", "办理结果", "证明材料"],
         ["X3", "XF1", "2020-08-01", "处置到位", ""]],
        ["X3"],
    ),
    "enrolled": (
        "enrollment",
        [
            ["流水号", "户号", "救助类别", "区划代码", "姓名", "身份证号", "与户主关系", "个人金额", "账号",
             "户名", "开户行", "起始月", "核定金额", "纳入方式", "审批日期"],
            ["E1", "H1", "农村低保", "500102008202", "周仁贵", "500102197406050752", "本人", "300",
             "6217000000150464", "周仁贵", "", "2021-01", "463", "普通", "2020-12-20"],
            ["E2", "H2", "农村低保", "500102008202", "金和义", "500102199209286028", "本人", "",
             "6217000000150465", "金和义", "", "2021-01", "463", "单人户", "2020-12-20"],
            ["", "H1", "农村低保", "500102008202", "陶华泰", "500102197401016133", "配偶", "163",
             "6217000000150464", "周仁贵", "", "2021-01", "463", "普通", "2020-12-20"],
        ],
        ["E1", "E2"],
    ),
    "members changed": (
        "enrollment",
        [
            ["流水号", "户号", "救助类别", "起始月", "变更类型", "姓名", "身份证号", "关系", "变更原因"],
            ["M1", "H1", "农村低保", "2021-03", "增加", "金和义", "500102199209286028", "子", ""],
            ["M1", "H1", "农村低保", "2021-03", "减少", "陶华泰", "500102197401016133", "", "迁出"],
        ],
        ["M1"],
    ),
    "adjusted": (
        "enrollment",
        [["流水号", "户号", "救助类别", "起始月", "核定金额", "调整原因"],
         ["A1", "H1", "农村低保", "2021-07", "890", "人口减少"]],
        ["A1"],
    ),
    "account changed": (
        "enrollment",
        [["流水号", "户号", "救助类别", "账号", "户名", "起始月"],
         ["A2", "H1", "农村低保", "6217000000150499", "周仁贵", "2021-08"]],
        ["A2"],
    ),
    "exited": (
        "enrollment",
        [
            ["流水号", "户号", "救助类别", "退出范围", "姓名", "身份证号", "退出原因", "停发月", "审批日期"],
            ["Q1", "H1", "农村低保", "整户", "", "", "死亡", "2021-09", "2021-08-31"],
            ["Q2", "H2", "农村低保", "个人", "金和义", "500102199209286028", "政策保", "202109", "20210831"],
        ],
        ["Q1", "Q2"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
async def test_every_form_of_every_context(
    settings: Settings, open_context: OpenIntake, form: str, suffix: str
) -> None:
    context, rows, serials = FORMS[form]
    content = csv_bytes(rows, "gb18030") if suffix == ".csv" else xlsx_bytes(rows)
    intake = await open_context(context)
    answer = await upload(intake, form + suffix, content)
    assert answer.status_code == 202, answer.text
    assert (answer.json()["accepted"], answer.json()["facts"]) == (len(rows) - 1, len(serials))
    assert sorted(event.serial for event in await read(settings)) == serials
    voided = [[*rows[0], "作废原因"], *([*row, "录错"] for row in rows[1:])]
    if rows[0][-1] != "作废":
        answer = await upload(intake, "void.csv", csv_bytes(voided))
        assert answer.json()["facts"] == len(serials), answer.text
        targets = {event.data.id for event in await read(settings) if event.entry.void}
        assert targets == set(serials)


async def test_a_group_with_a_bad_row_is_reported_at_that_row(open_context: OpenIntake) -> None:
    _, rows, _ = FORMS["enrolled"]
    bad = [list(row) for row in rows]
    bad[3][5] = "500102197401016134"
    bad[2][13] = "特批"
    answer = await upload(await open_context("enrollment"), "a.csv", csv_bytes(bad))
    assert counts(answer) == (3, 0, 0, 3, 0)
    assert sorted(rejects(answer)) == [
        (3, "纳入方式", "第3行“纳入方式”：应为下列之一：普通、单人户、疫情"),
        (4, "身份证号", "第4行“身份证号”：身份证号的校验位不对，请核对（第2、4行为同一事项，一并处理）"),
    ]


async def test_a_person_of_a_part_of_a_household_is_reported_at_their_row(open_context: OpenIntake) -> None:
    header = ["流水号", "户号", "新户号", "姓名", "身份证号", "拆分日期"]
    rows = [
        ["SP1", "H1", "H1", "周仁贵", "500102197406050752", "2021-05-06"],
        ["SP1", "H1", "H1-2", "金和义", "500102199209286028", "2021-05-06"],
        ["SP1", "H1", "H1", "陶华泰", "500102197401016134", "2021-05-06"],
    ]
    answer = await upload(await open_context("identity"), "a.csv", csv_bytes([header, *rows]))
    assert counts(answer) == (3, 0, 0, 3, 0)
    assert rejects(answer) == [
        (4, "身份证号", "第4行“身份证号”：身份证号的校验位不对，请核对（第2、3、4行为同一事项，一并处理）")
    ]


async def test_a_list_in_a_cell_is_reported_at_its_column(open_context: OpenIntake) -> None:
    header = [
        "线索编号",
        "身份证号",
        "姓名",
        "免责日期",
        "决定机关",
        "免责情形",
        "决定依据",
        "免责理由",
        "流水号",
    ]
    row = [
        "X1",
        "500102197406050752",
        "周仁贵",
        "2021-09-01",
        "街道纪工委",
        "客观原因、别的",
        "办法",
        "说明",
        "Q1",
    ]
    answer = await upload(await open_context("clues"), "a.csv", csv_bytes([header, row]))
    assert rejects(answer) == [
        (2, "免责情形", "第2行“免责情形”：应为下列之一：客观原因、探索创新、先行先试、及时纠正")
    ]


async def test_golden_facts_as_ndjson_files(settings: Settings, open_context: OpenIntake) -> None:
    for context in UPSTREAM_CONTEXTS:
        lines = [json.dumps(fact, ensure_ascii=False) for fact in facts_of(context)]
        lines[3:3] = ["", "{", '{"specversion":"1.0"}']
        answer = await upload(await open_context(context), "facts.ndjson", "\r\n".join(lines).encode())
        body = answer.json()
        assert answer.status_code == 207
        assert (body["lines"], body["rejected"]) == (len(lines) - 1, 2)
        at = 5 if len(facts_of(context)) >= 3 else 4
        envelope = ("id", "source", "type", "time", "data")
        assert [(item["row"], item["column"]) for item in body["rejects"]] == [
            (at, "event"),
            *((at + 1, name) for name in envelope),
        ]
    ids = {event.event_id for event in await read(settings)}
    assert ids == {event_id_of(fact["source"], fact["id"]) for fact in STATED}


@pytest.mark.parametrize(
    ("name", "content", "status", "expected"),
    [
        ("a.doc", b"x", 415, "a file name that ends in .csv, .xlsx, .ndjson"),
        ("a.csv", b"", 422, "a file that is not empty"),
        ("a.csv", b"\xef\xbb\xbf\r\n,,\r\n", 422, "a file that is not empty"),
        ("a.xlsx", b"", 422, "a file that is not empty"),
        ("a.csv", "姓名,电话\n".encode(), 422, "a header row with the columns of one form (死亡登记: 姓名"),
        ("a.csv", "姓名,电话\n张三,1\n".encode(), 422, "a header row with the columns"),
        ("a.csv", b"\xff\xff\xff\xff\x00", 422, "text in UTF-8 or GB18030"),
        ("a.csv", "姓名,姓名,死亡日期,登记日期,登记机关\n".encode(), 422, "one column 姓名"),
        ("a.xlsx", b"PK\x03\x04broken", 422, "a workbook (.xlsx) that can be opened"),
        ("a.xlsx", xlsx_bytes([["姓名"]]), 422, "a header row with the columns"),
    ],
)
async def test_a_file_that_is_none(
    open_context: OpenIntake, name: str, content: bytes, status: int, expected: str
) -> None:
    answer = await upload(await open_context("vitals"), name, content)
    assert answer.status_code == status
    (error,) = answer.json()["errors"]
    assert error["expected"].startswith(expected)


async def test_a_workbook_that_unpacks_to_far_more_is_refused(open_context: OpenIntake) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"\0" * 60_000_000)
    answer = await upload(await open_context("vitals"), "a.xlsx", out.getvalue())
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert error["code"] == "workbook-bomb"


async def test_a_file_that_is_too_large_is_refused(settings: Settings, open_context: OpenIntake) -> None:
    intake = await open_context("vitals")
    small = settings.model_copy(update={"max_file_bytes": 100, "max_body_bytes": 100})
    object.__setattr__(intake, "settings", small)
    assert (await upload(intake, "a.csv", b"x" * 101)).status_code == 413
    async with client(intake) as http:
        assert (await http.post("/events", content=b"x" * 101, headers=JSON)).status_code == 413
        form = {"file": ("a.csv", b"x" * 200_000)}
        assert (await http.post("/files", files=form, data={"source": SOURCE})).status_code == 413


JSON = {"content-type": "application/json"}


async def test_a_form_in_a_browser_hands_over_a_file_as_its_own_source(
    settings: Settings, open_context: OpenIntake
) -> None:
    intake = await open_context("payments")
    key = await add_source(intake.pool, SOURCE, ["payments"], ["500102"], new_households=True)
    file = csv_bytes([PAYMENTS, PAID], "gb18030")
    async with client(intake, key) as http:
        answer = await http.post("/files", files={"file": ("白云飞500102196011093454.csv", file)})
        other = await http.post("/files", files={"file": ("a.csv", file)}, data={"source": "/bank/ccb"})
        by_another_name = await http.post("/files", files={"other": ("a.csv", file)})
        nothing = await http.post("/files", files={"file": (None, b"text")})
    assert counts(answer) == (1, 1, 0, 0, 0), answer.text
    assert answer.json()["name"] == "****.csv"
    assert [event.source for event in await read(settings)] == [SOURCE]
    assert (other.status_code, receipt_of(other)["rejected"]) == (422, 1)
    assert counts(by_another_name) == (1, 0, 1, 0, 0)
    assert nothing.status_code == 415


async def test_masked_values_are_all_that_the_database_keeps(open_context: OpenIntake) -> None:
    intake = await open_context("vitals")
    row = with_cells(DIED, DEATHS, 身份证号="500102196011093455")
    answer = await upload(intake, "a.csv", csv_bytes([DEATHS, row]))
    assert receipt_of(answer)["rejects"][0] == {
        "row": 2,
        "column": "身份证号",
        "masked": "50**************55",
        "code": "id-number-check",
        "reason": "第2行“身份证号”：身份证号的校验位不对，请核对",
        "expected": "the ID number's check digit is wrong",
    }
    connection: asyncpg.Connection = await asyncpg.connect(intake.settings.database_url)
    kept = await connection.fetch("SELECT r::text AS line FROM intake.remark AS r")
    await connection.close()
    assert "500102196011093455" not in kept[0]["line"]
