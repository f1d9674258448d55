"""What rules say of their findings, and how detection publishes it."""

import asyncio
from dataclasses import replace
from datetime import date
from typing import Any

import asyncpg
import pytest

from events.catalogue import TYPES
from projections.labels import heading
from projections.phrases import FORMATS, Phrase, places, sentence
from services.detection import catalogue
from services.detection.rules import ALL, BY_NAME
from services.detection.rules.rule import Rule
from services.platform.database import connected
from services.platform.tables import create_tables

TAKEN_OVER = {
    "valid_from": "2021-09-21",
    "custodian_kind": "relative",
    "custodian": "p.Y",
    "beneficiary": "p.X",
}
RECEIPT = "7b0c2f3e-0000-4000-8000-000000000001"
CASES: list[tuple[str, dict[str, str], dict[str, Any], str]] = [
    (
        "integrity-conflicting-content",
        {"event_id": "0d1c0f9e-1111-5111-8111-111111111111"},
        {"source": "/bank/psbc", "id": "P1", "digests": ["0a", "0b"], "receipts": [RECEIPT, None]},
        "来源 /bank/psbc 的流水号 P1 报送了2种不同内容，作废至只剩一种之前均不计入，"
        f"请向报送单位核实，回执：{RECEIPT}。",
    ),
    (
        "integrity-conflicting-content",
        {"event_id": "0d1c0f9e-1111-5111-8111-111111111111"},
        {"source": "/bank/psbc", "id": "P1", "digests": ["0a", "0b"], "receipts": [None, None]},
        "来源 /bank/psbc 的流水号 P1 报送了2种不同内容，作废至只剩一种之前均不计入，请向报送单位核实。",
    ),
    (
        "integrity-number-used-twice",
        {"kind": "payment_no", "number": "P1"},
        {"events": ["0a", "0b"], "receipts": [None, RECEIPT]},
        f"发放编号 P1 被2条不同事实使用，请向报送单位核实，回执：{RECEIPT}。",
    ),
    (
        "integrity-number-used-twice",
        {"kind": "household_no+programme+from_month", "number": "H1 rural_dibao 2021-01"},
        {"events": ["0a", "0b"], "receipts": [None, None]},
        "户号、救助类别、起始月 H1、农村低保、2021-01 被2条不同事实使用，请向报送单位核实。",
    ),
    (
        "integrity-out-of-area",
        {"event_id": "0d1c0f9e-1111-5111-8111-111111111111"},
        {"source": "/bank/psbc", "area": "500102008,500102009", "village": "500102010201"},
        "来源 /bank/psbc 只可报送 500102008,500102009 辖区，"
        "却报送了 500102010201 的事实 0d1c0f9e-1111-5111-8111-111111111111。",
    ),
    (
        "paid-after-death",
        {"household_no": "LZ0005", "programme": "rural_dibao", "month": "2021-04", "person": "p.X"},
        {"overpaid_fen": 45600, "died_on": "2021-03-09", "basis": "share", "paid_fen": 91200},
        "LZ0005户农村低保成员 p.X 已于2021年3月9日死亡，2021年4月仍发放，多发456.00元。",
    ),
    (
        "name-mismatch",
        {"household_no": "LZ0018", "programme": "rural_dibao", "month": "2021-10", "account": "a.X"},
        {"custody_fails": ["agreement_no", "filed_on"], "tier": None, "paid_fen": 1},
        "LZ0018户农村低保2021年10月发放账户 a.X 的户名不是该户成员，有代管记录但不成立：无代管协议、未备案。",
    ),
    (
        "name-mismatch",
        {"household_no": "LZ0016", "programme": "tekun", "month": "2021-01", "account": "a.X"},
        {"custody_fails": [], "tier": "pinyin", "paid_fen": 1},
        "LZ0016户特困供养2021年1月发放账户 a.X 的户名不是该户成员，但读音相同。",
    ),
    (
        "name-mismatch",
        {"household_no": "LZ0016", "programme": "tekun", "month": "2021-01", "account": "a.X"},
        {"custody_fails": [], "tier": None, "enrolment": "unknown", "paid_fen": 1},
        "LZ0016户特困供养2021年1月发放账户 a.X，没有该户纳入保障的任何记录，户名无从核对。",
    ),
    (
        "shared-account",
        {"account": "a.X", "month": "2021-04"},
        {"households": ["LZ0023", "LZ0024"], "household_count": 2, "paid_fen": 1},
        "2021年4月有2户的低保金发放到同一账户 a.X：LZ0023、LZ0024。",
    ),
    (
        "unentitled",
        {"household_no": "LZ0031", "programme": "urban_dibao", "month": "2021-03"},
        {"when": "never", "enrolment": "unknown", "paid_fen": 123456},
        "LZ0031户城市低保2021年3月有发放，没有该户纳入保障的任何记录，发放1,234.56元。",
    ),
    (
        "unentitled",
        {"household_no": "LZ0031", "programme": "urban_dibao", "month": "2021-03"},
        {"when": "never", "enrolment": None, "paid_fen": 123456},
        "LZ0031户城市低保2021年3月有发放，该月无该类保障的纳入记录，发放1,234.56元。",
    ),
    (
        "large-payment",
        {"household_no": "LZ0035", "programme": "rural_dibao", "month": "2021-05"},
        {"excess_fen": 12345, "paid_fen": 62345, "entitlement_fen": 50000},
        "LZ0035户农村低保2021年5月正常发放合计超过核定金额，实发623.45元，核定500.00元，超出123.45元。",
    ),
    (
        "custody-expired",
        {"custody_no": "Ca00202"},
        {"since": "2021-07-01", "valid_to": "2021-06-30", "household_no": "LZ0020", "beneficiary": "p.X"},
        "卡折代管 Ca00202 已于2021年6月30日到期而未终止，对象仍在享受保障。",
    ),
    (
        "custody-without-agreement",
        {"custody_no": "C1"},
        {"due_on": "2021-10-21", **TAKEN_OVER},
        "卡折代管 C1 始于2021年9月21日，现由亲属代管，应于2021年10月21日前签订代管协议，至今未签，逾期10天。",
    ),
    (
        "custody-unfiled",
        {"custody_no": "C1"},
        {"due_on": "2021-10-21", **TAKEN_OVER},
        "卡折代管 C1 始于2021年9月21日，现由亲属代管，应于2021年10月21日前备案，至今未备案，逾期10天。",
    ),
    (
        "custody-unfiled",
        {"custody_no": "C1"},
        {"due_on": "2021-10-21", "filed_with": "village", **TAKEN_OVER},
        "卡折代管 C1 始于2021年9月21日，现由亲属代管，应于2021年10月21日前备案，仅向村(社区)备案，逾期10天。",
    ),
    (
        "custody-unchecked",
        {"custody_no": "C1"},
        {"due_on": "2021-10-21", **TAKEN_OVER},
        "卡折代管 C1 始于2021年9月21日，现由亲属代管，应于2021年10月21日前检查，至今未查，逾期10天。",
    ),
    (
        "custody-unchecked",
        {"custody_no": "C1"},
        {"due_on": "2021-10-21", "checked_on": "2021-04-21", **TAKEN_OVER},
        "卡折代管 C1 上次检查在2021年4月21日，应于2021年10月21日前检查，至今未查，逾期10天。",
    ),
    (
        "many-custodies",
        {"person": "p.X"},
        {"cards": ["C1", "C2", "C3", "C4"], "household_count": 3, "most": 2},
        "p.X 代管3户的卡折：C1、C2、C3、C4，每人至多代管2户。",
    ),
    (
        "cadre-custody",
        {"custody_no": "C1"},
        {"fails": ["filing", "kind"], **TAKEN_OVER},
        "卡折代管 C1 始于2021年9月21日，现由在职干部以“亲属”身份代管，"
        "不符合条件：未向区县民政备案、未公开身份或未备案近亲属关系。",
    ),
    (
        "kinship-unreviewed",
        {"filing_no": "Q1"},
        {"due_on": "2021-10-21"},
        "近亲属备案 Q1 应于2021年10月21日前入户排查，至今未入户排查，逾期10天。",
    ),
    (
        "kinship-unreviewed",
        {"filing_no": "Q1"},
        {"due_on": "2021-10-21", "done_on": "2021-10-25"},
        "近亲属备案 Q1 应于2021年10月21日前入户排查，2021年10月25日才入户排查。",
    ),
    (
        "kinship-undeclared",
        {"household_no": "H1"},
        {
            "due_on": "2021-10-21",
            "ground": "application+custodian",
            "grounds": ["application", "custodian"],
            "officials": ["p.X"],
        },
        "H1户涉及工作人员近亲属（申请时申明、以亲属身份代管卡折），应于2021年10月21日前备案，"
        "至今未备案，逾期10天，未备案的工作人员：p.X。",
    ),
    (
        "kinship-undeclared",
        {"household_no": "H1"},
        {
            "due_on": "2021-10-21",
            "done_on": "2021-10-25",
            "ground": "member",
            "grounds": ["member"],
            "officials": [],
        },
        "H1户涉及工作人员近亲属（工作人员本人在册），应于2021年10月21日前备案，2021年10月25日才备案。",
    ),
    (
        "clue-untransferred",
        {"clue_no": "X1"},
        {"due_on": "2021-10-12"},
        "线索 X1 涉及干部，经核实属实或部分属实，应于2021年10月12日前移交纪检监察机关，"
        "至今未移交，逾期19天。",
    ),
    (
        "clue-untransferred",
        {"clue_no": "X1"},
        {"due_on": "2021-10-12", "done_on": "2021-10-20"},
        "线索 X1 涉及干部，经核实属实或部分属实，应于2021年10月12日前移交纪检监察机关，"
        "2021年10月20日才移交。",
    ),
    (
        "petition-overdue",
        {"petition_no": "F1"},
        {"due_on": "2021-10-12", "done_on": "2021-10-13"},
        "信访 F1 应于2021年10月12日前答复或办结，2021年10月13日才办理。",
    ),
    (
        "closure-without-evidence",
        {"petition_no": "F1"},
        {"closed_on": "2021-10-12"},
        "信访 F1 以处置到位办结，办结于2021年10月12日，未附佐证材料。",
    ),
    (
        "application-clock",
        {"application_no": "SQ1", "stage": "investigation"},
        {"due_on": "2021-10-12"},
        "申请 SQ1 的调查应于2021年10月12日前完成，至今未完成，逾期19天。",
    ),
    (
        "application-clock",
        {"application_no": "SQ1", "stage": "notice"},
        {"due_on": "2021-10-12", "done_on": "2021-10-13"},
        "申请 SQ1 的不予批准书面告知应于2021年10月12日前完成，2021年10月13日才完成。",
    ),
    (
        "missing-stage",
        {"application_no": "SQ1", "stage": "household_visit"},
        {"decided_on": "2021-08-20"},
        "申请 SQ1 于2021年8月20日批准，此前缺少入户调查。",
    ),
    (
        "review-overdue",
        {"household_no": "LZ0001", "programme": "rural_dibao"},
        {"due_on": "2021-10-12", "reviewed_on": "2021-04-12", "income_class": "unstable"},
        "LZ0001户农村低保上次复核在2021年4月12日，收入不稳定，应于2021年10月12日前复核，至今未复核，逾期19天。",
    ),
    (
        "income-match-unreviewed",
        {"comparison_no": "BD1"},
        {"due_on": "2021-10-12", "done_on": "2021-10-13"},
        "信息比对 BD1 有结果，应于2021年10月12日前复核，2021年10月13日才复核。",
    ),
    (
        "grace-overrun",
        {"household_no": "LZ0001", "programme": "urban_dibao", "from_month": "2021-04"},
        {"due_on": "2021-10-12", "done_on": "2021-10-13"},
        "LZ0001户城市低保自2021年4月起渐退，应于2021年10月12日前复核或退出，2021年10月13日才处理。",
    ),
    (
        "exit-without-follow-up",
        {"household_no": "LZ0001", "programme": "urban_dibao", "stop_month": "2021-04"},
        {"due_on": "2021-10-12", "done_on": "2021-10-13"},
        "LZ0001户城市低保自2021年4月起停发，应于2021年10月12日前跟踪回访，2021年10月13日才跟踪。",
    ),
    (
        "exit-delayed",
        {"household_no": "LZ0001", "programme": "urban_dibao", "found_on": "2021-09-12"},
        {"due_on": "2021-10-12", "done_on": "2021-10-13"},
        "LZ0001户城市低保于2021年9月12日发现不再符合条件，应于2021年10月12日前退出，2021年10月13日才退出。",
    ),
    (
        "single-signature-closure",
        {"petition_no": "F1"},
        {"closed_on": "2021-10-12", "signed_by": "GZ0001"},
        "信访 F1 于2021年10月12日办结，仅GZ0001一人签字。",
    ),
    (
        "single-signature-closure",
        {"petition_no": "F1"},
        {"closed_on": "2021-10-12"},
        "信访 F1 于2021年10月12日办结，未经两人签字。",
    ),
    (
        "bulk-closure",
        {"closed_by": "GZ0001", "closed_on": "2021-10-12"},
        {"petitions": ["F1", "F2", "F3", "F4"], "petition_count": 4},
        "GZ0001 在2021年10月12日一天内办结信访4件：F1、F2、F3、F4。",
    ),
    (
        "repeat-petition",
        {"petition_no": "F2"},
        {"earlier_petition_no": "F1", "common": ["same_person", "same_household"]},
        "信访 F2 与此前的信访 F1 系同一信访人、同一家庭、同一事项。",
    ),
    (
        "clue-unverified",
        {"clue_no": "X1"},
        {"due_on": "2021-10-12"},
        "线索 X1 应于2021年10月12日前查证，至今未查证，逾期19天。",
    ),
    (
        "clue-unverified",
        {"clue_no": "X1"},
        {"due_on": "2021-10-12", "done_on": "2021-10-20"},
        "线索 X1 应于2021年10月12日前查证，2021年10月20日才查证。",
    ),
    (
        "informant-unanswered",
        {"clue_no": "X1"},
        {"due_on": "2021-10-12"},
        "线索 X1 系实名举报，查证后应于2021年10月12日前答复举报人，至今未答复，逾期19天。",
    ),
    (
        "informant-unanswered",
        {"clue_no": "X1"},
        {"due_on": "2021-10-12", "done_on": "2021-10-20"},
        "线索 X1 系实名举报，查证后应于2021年10月12日前答复举报人，2021年10月20日才答复。",
    ),
    (
        "reply-overdue",
        {"call_no": "RX1"},
        {"due_on": "2021-10-12"},
        "来电 RX1 的诉求应于2021年10月12日前答复，至今未答复，逾期19天。",
    ),
    (
        "reply-overdue",
        {"call_no": "RX1"},
        {"due_on": "2021-10-12", "done_on": "2021-10-20"},
        "来电 RX1 的诉求应于2021年10月12日前答复，2021年10月20日才答复。",
    ),
    (
        "unanswered-call",
        {"call_no": "RX1"},
        {"due_on": "2021-10-12"},
        "来电 RX1 在值守时间无人接听，应于2021年10月12日前回电，至今未回电，逾期19天。",
    ),
    (
        "unanswered-call",
        {"call_no": "RX1"},
        {"due_on": "2021-10-12", "done_on": "2021-10-20"},
        "来电 RX1 在值守时间无人接听，应于2021年10月12日前回电，2021年10月20日才回电。",
    ),
    (
        "rebound",
        {"problem_no": "WT1"},
        {"again_on": "2021-10-12", "again_no": "WT2"},
        "问题 WT1 整改后反弹，2021年10月12日再次发现（问题 WT2）。",
    ),
    (
        "rebound",
        {"problem_no": "WT1"},
        {"again_on": "2021-10-12"},
        "问题 WT1 整改后反弹，2021年10月12日复查认定反弹。",
    ),
    (
        "paper-rectification",
        {"problem_no": "WT1"},
        {"why": "recheck", "since": "2021-10-12"},
        "问题 WT1 仅在纸面上整改，2021年10月12日复查认定未整改。",
    ),
    (
        "task-behind",
        {"task_no": "RW1"},
        {"due_on": "2021-10-12"},
        "任务 RW1 应于2021年10月12日前完成，至今未完成，逾期19天。",
    ),
    (
        "task-behind",
        {"task_no": "RW1"},
        {"due_on": "2021-10-12", "done_on": "2021-10-20"},
        "任务 RW1 应于2021年10月12日前完成，2021年10月20日才完成。",
    ),
    (
        "ledger-overdue",
        {"campaign_no": "ZX1", "division": "500102008201", "ledger": "kinship", "quarter": "2021-Q3"},
        {"due_on": "2021-10-15"},
        "村(社区) 500102008201 的2021年第3季度近亲属备案台账，应于2021年10月15日前报送，"
        "至今未报送，逾期16天。",
    ),
    (
        "ledger-overdue",
        {"campaign_no": "ZX1", "division": "500102008201", "ledger": "households", "quarter": "2021-Q3"},
        {"due_on": "2021-10-15", "done_on": "2021-10-20"},
        "村(社区) 500102008201 的2021年第3季度清查台账，应于2021年10月15日前报送，2021年10月20日才报送。",
    ),
    (
        "duplicate-relief",
        {"person": "p.X", "occasion_no": "O1"},
        {"grants": ["G1", "G2"], "amount_fen": 200000},
        "p.X 因同一事由 O1 获临时救助2次：G1、G2，合计2,000.00元。",
    ),
    (
        "frequent-payment",
        {"household_no": "LZ0005", "programme": "rural_dibao", "month": "2021-04", "account": "a.X"},
        {"payments": ["P1", "P2"], "paid_fen": 60000},
        "LZ0005户农村低保2021年4月向同一账户 a.X 正常发放2次：P1、P2，合计600.00元。",
    ),
    (
        "batch-unsettled",
        {"batch_no": "B1"},
        {"due_on": "2021-10-10"},
        "发放批次 B1 应于2021年10月10日前由银行回盘，至今未回盘，逾期21天。",
    ),
    (
        "batch-unsettled",
        {"batch_no": "B1"},
        {"due_on": "2021-10-10", "done_on": "2021-10-12"},
        "发放批次 B1 应于2021年10月10日前由银行回盘，2021年10月12日才回盘。",
    ),
    (
        "settlement-difference",
        {"batch_no": "B1"},
        {"difference_fen": -100, "settled_fen": 29900, "paid_fen": 30000, "settled_on": "2021-10-10"},
        "发放批次 B1 银行2021年10月10日回盘，回盘实发299.00元，发放明细300.00元，差额-1.00元。",
    ),
    (
        "slow-payment",
        {"batch_no": "B1"},
        {
            "links": ["paid", "to_bank"],
            "decided_on": "2021-08-12",
            "to_bank_on": "2021-08-28",
            "to_bank_days": 15,
            "paid_on": "2021-09-12",
            "paid_days": 30,
        },
        "发放批次 B1 于2021年8月12日核定，2021年8月28日才送达银行，超过15天时限，"
        "2021年9月12日才全部到账，超过30天时限。",
    ),
    (
        "screening-waiting",
        {"screening_no": "S1"},
        {"due_on": "2021-10-10"},
        "摸排 S1 应于2021年10月10日前作出结论，至今无结论，逾期21天。",
    ),
    (
        "screening-waiting",
        {"screening_no": "S1"},
        {"due_on": "2021-10-10", "done_on": "2021-10-12"},
        "摸排 S1 应于2021年10月10日前作出结论，2021年10月12日才作出结论。",
    ),
    (
        "uncovered-at-risk",
        {"screening_no": "S1"},
        {"due_on": "2021-10-10", "outcome": "rural_dibao"},
        "摸排 S1 结论为农村低保，应于2021年10月10日前落实，至今未落实，逾期21天。",
    ),
    (
        "uncovered-at-risk",
        {"screening_no": "S1"},
        {"due_on": "2021-10-10", "done_on": "2021-10-12", "outcome": "temporary_relief"},
        "摸排 S1 结论为临时救助，应于2021年10月10日前落实，2021年10月12日才落实。",
    ),
    (
        "single-person-not-offered",
        {"screening_no": "S1"},
        {"policy_no": ["Z1", "Z2"], "outcome": "watched", "concluded_on": "2021-10-10"},
        "摸排 S1 对象符合单人保政策 Z1、Z2，2021年10月10日结论为继续监测，未按单人保纳入。",
    ),
    (
        "tekun-agreement-missing",
        {"household_no": "LZ0027", "person": "p.X", "begun_on": "2021-09-10"},
        {"due_on": "2021-10-10"},
        "LZ0027户特困人员 p.X 自2021年9月10日起分散供养，应于2021年10月10日前签订照料服务协议，"
        "至今未签，逾期21天。",
    ),
    (
        "tekun-agreement-missing",
        {"household_no": "LZ0027", "person": "p.X", "begun_on": "2021-09-10"},
        {"due_on": "2021-10-10", "done_on": "2021-10-12"},
        "LZ0027户特困人员 p.X 自2021年9月10日起分散供养，应于2021年10月10日前签订照料服务协议，"
        "2021年10月12日才签订。",
    ),
    (
        "recovered-short",
        {"household_no": "LZ0006", "programme": "rural_dibao"},
        {"due_on": "2021-10-23", "short_fen": 82000, "owed_fen": 92000, "recovered_fen": 10000},
        "LZ0006户农村低保因成员死亡后仍发放多发920.00元，应于2021年10月23日前追回，已追回100.00元，"
        "尚欠820.00元，逾期8天。",
    ),
]


@pytest.mark.parametrize(("rule", "key", "params", "expected"), CASES)
def test_what_a_rule_says_of_a_finding(
    rule: str, key: dict[str, str], params: dict[str, Any], expected: str
) -> None:
    assert sentence(BY_NAME[rule].phrases, {**params, **key}, date(2021, 10, 31)) == expected


@pytest.mark.parametrize("rule", ALL.rules, ids=lambda rule: str(rule.name))
def test_what_a_rule_says_is_shown_by_examples(rule: Rule[Any]) -> None:
    """A phrase whose field no finding has would never be said."""
    given = {name for of, key, params, _ in CASES if of == rule.name for name in (*key, *params)}
    named = {name for phrase in rule.phrases for text in alternatives(phrase) for name, _ in places(text)}
    assert named and named <= given


def test_every_number_that_one_fact_alone_may_state_has_a_name_in_chinese() -> None:
    names = {name for entry in TYPES for name in entry.unique}
    assert not {name for name in names if heading(name).isascii()}


def alternatives(phrase: Phrase) -> tuple[str, ...]:
    return (phrase,) if isinstance(phrase, str) else tuple(phrase)


@pytest.mark.parametrize("rule", ALL.rules, ids=lambda rule: str(rule.name))
def test_a_rule_can_say_what_it_found_by_its_key_alone(rule: Rule[Any]) -> None:
    """An older version may not have given a parameter; its key it has always given."""
    said = sentence(rule.phrases, {name: f"({name})" for name in rule.key})
    assert any(f"({name})" in said for name in rule.key)
    assert [form for one in rule.phrases for text in alternatives(one) for _, form in places(text)
            if form not in FORMATS] == []  # fmt: skip


@pytest.fixture
async def rows(database: str) -> Any:
    """Rows of the catalogue, by what a worker has published."""
    async with connected(database) as connection:
        await create_tables(connection)

        async def published(*rules: Rule[Any]) -> dict[tuple[str, int], Any]:
            await catalogue.publish(connection, *([rules] if rules else []))
            found = await connection.fetch("select *, xmin::text from platform.rule")
            return {(row["name"], row["version"]): row for row in found}

        yield published


async def test_every_rule_is_published(rows: Any) -> None:
    published = await rows()
    assert published.keys() == {(rule.name, rule.version) for rule in ALL.rules}
    row = published["clue-untransferred", 2]
    assert (row["title"], row["subject"], row["requirements"], row["key"]) == (
        "线索逾期未移交", "clue", ["R66"], ["clue_no"],
    )  # fmt: skip
    (days,) = row["parameters"]
    assert (days["name"], days["default"], days["kind"], days["per"]) == (
        "clues.transfer_days", "15", "number", "day",
    )  # fmt: skip
    assert isinstance(row["phrases"][2], list)


async def test_a_version_keeps_its_words_and_the_next_has_its_own(rows: Any) -> None:
    rule = replace(BY_NAME["unentitled"], version=1)
    await rows(rule)
    published = await rows(replace(rule, version=2, title="无资格领取"))
    assert published["unentitled", 1]["title"] == "无资格发放"
    assert published["unentitled", 2]["title"] == "无资格领取"
    mended = await rows(replace(rule, version=2, title="无资格享受"))
    assert mended["unentitled", 2]["title"] == "无资格享受"
    assert mended["unentitled", 2]["published_at"] > published["unentitled", 2]["published_at"]
    assert mended["unentitled", 1]["xmin"] == published["unentitled", 1]["xmin"]


async def test_who_has_nothing_new_to_say_writes_nothing_and_waits_for_nobody(
    rows: Any, database: str
) -> None:
    before = await rows()
    other = await asyncpg.connect(database)
    try:
        async with other.transaction():
            await other.execute("select from platform.rule for update")
            async with asyncio.timeout(5):
                after = await rows()
    finally:
        await other.close()
    assert {place: row["xmin"] for place, row in after.items()} == {
        place: row["xmin"] for place, row in before.items()
    }
