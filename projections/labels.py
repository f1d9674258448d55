"""Chinese words for what screens and exports show, except for what the ledgers declare themselves."""

from collections.abc import Mapping
from functools import cache

from events.divisions import every, latest, street
from events.words import programmes, shown
from projections.ledger import Heading
from projections.ledgers import LEDGERS

PROGRAMMES = programmes()
SEVERITIES = {"info": "提示", "low": "低", "medium": "中", "high": "高"}
STATES = {"open": "未消除", "withdrawn": "已撤销", "tried": "试算"}
VERBS = {"raised": "新增", "revised": "变更", "withdrawn": "撤销"}
FACT_STATUSES = {"counts": "有效", "voided": "已作废", "set_aside": "存疑搁置", "void": "作废"}
CONDITIONS = {
    "custodian_name": "代管人与户名不符",
    "valid_from": "发放时代管尚未开始",
    "valid_to": "发放时代管已到期",
    "ended_on": "发放时代管已终止",
    "agreement_no": "无代管协议",
    "filed_on": "未备案",
}
"""Why a custody does not clear a name that differs."""
CADRE_FAILS = {
    "agreement": "未签代管协议",
    "filing": "未向区县民政备案",
    "kind": "未公开身份或未备案近亲属关系",
}
"""What is wrong with a card that an official holds."""
KIN_GROUNDS = {"application": "申请时申明", "member": "工作人员本人在册", "custodian": "以亲属身份代管卡折"}
"""Why a household is to be filed as one of an official's kin."""
TIERS = {"variant": "只是简繁、异体或间隔号不同", "pinyin": "读音相同"}
STAGES = {
    "application": "申请",
    "investigation": "调查",
    "household_visit": "入户调查",
    "information_check": "信息核对",
    "publicity": "审核公示",
    "decision": "审批",
    "notice": "不予批准书面告知",
}
"""Of an application: what has a time limit, and what must have been."""
ON_PAPER = {"no_evidence": "报告整改而未附佐证材料", "recheck": "复查认定未整改"}
ENTITLEMENT = {"before": "尚未纳入保障", "after": "已停发", "never": "无该类保障的纳入记录"}
ENROLMENT = {"unknown": "没有该户纳入保障的任何记录"}

COLUMNS = {
    "allocation_no": "分配编号",
    "anomaly_id": "预警编号",
    "appropriation_no": "拨付编号",
    "business_date": "业务日期",
    "class": "类别",
    "circular_no": "通报编号",
    "counted": "计入",
    "digest": "内容摘要",
    "duty_no": "值守编号",
    "event_id": "事实编号",
    "evidence": "依据",
    "evidence_count": "依据数",
    "fund_no": "资金编号",
    "holds_since": "成立日期",
    "household_no": "户号",
    "key": "对象",
    "meeting_no": "会议编号",
    "month": "月份",
    "params": "参数",
    "person_id": "人员(代号)",
    "project_no": "项目编号",
    "number": "编号",
    "raised_at": "预警时间",
    "recovery_no": "追回编号",
    "review_no": "复核编号",
    "revised_at": "变更时间",
    "revision": "版次",
    "rule": "规则代号",
    "sample_no": "抽查编号",
    "sentence": "说明",
    "serial": "流水号",
    "severity": "级别",
    "source": "来源系统",
    "state": "状态",
    "status": "状态",
    "submission_no": "报送编号",
    "talk_no": "约谈编号",
    "task_no": "任务编号",
    "then_sentence": "原说明",
    "then_severity": "原级别",
    "time": "时间",
    "title": "规则",
    "training_no": "培训编号",
    "type": "事实类型",
    "verb": "变化",
    "village": "村(社区)",
    "visit_no": "督导编号",
}
"""Column headings of lists that are not ledgers, and what numbers are called that no ledger shows."""

HAPPENED = {"came": "新增", "went": "减少", "stayed": "计数变化"}
WHY = {
    "business_date_after": "业务日期在前期之后",
    "recorded_later": "前期日结之后入库",
    "voided": "已作废",
    "set_aside": "内容不一，搁置",
    "counted_once": "同一对象改由本条计数",
    "other_facts": "因其他事实而变动",
}
"""Why a row of a cell came, or went, between two reports."""

VALUES: dict[str, dict[str, str]] = {
    "programme": PROGRAMMES,
    "severity": SEVERITIES,
    "then_severity": SEVERITIES,
    "state": STATES,
    "verb": VERBS,
    "status": FACT_STATUSES,
    "custody_fails": CONDITIONS,
    "tier": TIERS,
    "when": ENTITLEMENT,
    "enrolment": ENROLMENT,
    "custodian_kind": shown("custody.granted", "custodian_kind"),
    "fails": CADRE_FAILS,
    "grounds": KIN_GROUNDS,
    "filed_with": shown("custody.agreement_filed", "filed_with"),
    "stage": STAGES,
    "income_class": shown("enrollment.reviewed", "income_class"),
    "why": ON_PAPER,
    "ledger": shown("campaign.ledger_submitted", "ledger"),
    "common": shown("petitions.linked", "ground"),
    "outcome": shown("screening.concluded", "outcome"),
}
"""Words for the codes that stand in a column of such a list."""

NOT_CONNECTED = "未接入"
"""Shown in a cell that has no source yet."""
TOTAL = "合计"
UNKNOWN_AREA = "村(社区)不明"
UNKNOWN = "不明"
NOTICE = "{place}：{title}（{verb}）"
AND_MORE = "{first}等{count}条"
DIGEST_OF = "{place}：{day}预警变化{count}条"
SO_MANY_VILLAGES = "{villages}个村(社区)"
ROW_COUNT = "行数"
ANOMALIES = "预警清单"
ANNEX_2 = "附件2"
FROZEN = "{}年第{}季度（第{}次定稿）；编制：{}；审核：{}"
RESTATED = "；重报原因：{}"
DIGEST = "摘要"
WITNESSED = "；日志存证：{}个分区，{}"
NOT_WITNESSED = "；未附日志存证"
NOT_CONNECTED_MEANS = "“未接入”：该栏尚无数据来源，不等于0。"
OFFICE_SEALED = "填报单位（盖章）"
ANNEX_2_SIGNATURES = (
    "填报人：＿＿＿＿＿＿＿＿      审核人：＿＿＿＿＿＿＿＿      "
    "联系电话：＿＿＿＿＿＿＿＿      填报日期：＿＿＿＿年＿＿月＿＿日"
)
OFFICE = "填报单位"
BLANK = "＿" * 8
"""What is written in by hand."""
UNTIL = "截至"
RECORDED_BY = "（以{}日终入库数据为准）"
PRINTED = "打印日期"
IN_YUAN = "金额单位：元"
PAGE = "第 {} 页  共 {} 页"
ROWS = "共 {:,} 条"
NO_ROWS = "无记录"
ONLY = "仅计{}"
SIGNATURES = "填报人：＿＿＿＿＿＿＿＿      审核人：＿＿＿＿＿＿＿＿      日期：＿＿＿＿年＿＿月＿＿日"
YES, NO = "是", "否"
STUBS = {"village": "村(社区)", "street": "街道(乡镇)"}
NOTE_ROW = "填报说明"
UNIT_ROW = "单位"
CHECK = "校核"
OF_WHICH = "其中"


_OFFICES = ("村民委员会", "居民委员会")
"""What the names of villages end with in the data, and nobody says."""


def place(code: str) -> str:
    """Return what a village or street is called, and its code; the code alone where no name is known."""
    village = latest(code)
    if village is not None:
        return f"{village.street}{_short(village.name)} {code}"
    named = street(code) if len(code) == len("500102008") else None
    return f"{named} {code}" if named else code


def village(code: str) -> str:
    """Return what a village is called without its street, and its code; of others what ``place`` says."""
    named = latest(code)
    return place(code) if named is None else f"{_short(named.name)} {code}"


def codes_of(name: str) -> list[str]:
    """Return the codes of the villages and streets of a name, with or without its street before it."""
    return sorted(_codes().get(name, ()))


@cache
def _codes() -> Mapping[str, set[str]]:
    found: dict[str, set[str]] = {}
    for code, village in every().items():
        found.setdefault(village.street, set()).add(code[:9])
        for name in {village.name, _short(village.name)}:
            found.setdefault(name, set()).add(code)
            found.setdefault(village.street + name, set()).add(code)
    return found


def _short(name: str) -> str:
    for office in _OFFICES:
        name = name.removesuffix(office)
    return name


def heading(name: str) -> str:
    """Return what a field is called, here or in a ledger, or its name where nothing says so."""
    column = _columns().get(name)
    return COLUMNS.get(name) or (column.text if column else name)


def words_of(name: str) -> dict[str, str]:
    """Return the Chinese words for the codes of a field of such a list."""
    return VALUES.get(name, {})


def word(name: str, value: object) -> str:
    """Return the Chinese word for a code of such a field, or the value itself where there is none."""
    return words_of(name).get(str(value), str(value))


@cache
def _columns() -> dict[str, Heading]:
    return {column.name: column for ledger in LEDGERS.values() for column in ledger.columns}
