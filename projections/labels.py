"""Chinese words for what screens and exports show, but what the ledgers declare themselves."""

from functools import cache

from events.words import programmes
from projections.ledger import Heading
from projections.ledgers import LEDGERS

PROGRAMMES = programmes()
RULES = {
    "paid-after-death": "死亡后仍发放",
    "name-mismatch": "账户户名不符",
    "shared-account": "多户共用账户",
    "unentitled": "无资格发放",
    "large-payment": "大额支付",
    "custody-expired": "卡折代管逾期",
    "custody-without-agreement": "代管无委托协议",
    "custody-unfiled": "代管未备案",
    "custody-unchecked": "代管逾期未核查",
    "many-custodies": "一人代管多卡",
    "cadre-custody": "干部代管卡折",
    "kinship-unreviewed": "近亲属备案未核查",
    "kinship-undeclared": "近亲属享受未备案",
    "application-clock": "申请办理超期",
    "missing-stage": "审批环节缺失",
    "review-overdue": "定期核查逾期",
    "income-match-unreviewed": "比对线索未核查",
    "grace-overrun": "渐退期满未处理",
    "exit-without-follow-up": "退出后未回访",
    "exit-delayed": "应退未及时退",
    "screening-waiting": "排查后久无结论",
    "uncovered-at-risk": "应保未保",
    "single-person-not-offered": "未按单人户施保",
    "tekun-agreement-missing": "未签照料服务协议",
    "duplicate-relief": "临时救助重复给付",
    "repeat-petition": "重复信访",
    "petition-overdue": "信访办理超期",
    "closure-without-evidence": "办结无佐证材料",
    "single-signature-closure": "办结仅一人签字",
    "bulk-closure": "同日突击办结",
    "clue-unverified": "线索逾期未核实",
    "clue-untransferred": "线索逾期未移交",
    "informant-unanswered": "举报人未获答复",
    "frequent-payment": "同月多次发放",
    "recovered-short": "多发未足额追回",
    "batch-unsettled": "批次逾期未结算",
    "settlement-difference": "批次结算不符",
    "slow-payment": "资金拨付迟缓",
    "task-behind": "任务逾期未完成",
    "ledger-overdue": "台账逾期未报",
    "rebound": "问题反弹",
    "paper-rectification": "纸面整改",
    "unanswered-call": "来电未接未回",
    "reply-overdue": "来电答复超期",
}
SEVERITIES = {"info": "提示", "low": "低", "medium": "中", "high": "高"}
STATES = {"open": "未消除", "withdrawn": "已撤销"}
VERBS = {"raised": "新增", "revised": "变更", "withdrawn": "撤销"}
FACT_STATUSES = {"counts": "有效", "voided": "已作废", "set_aside": "存疑搁置"}

COLUMNS = {
    "anomaly_id": "预警编号",
    "business_date": "业务日期",
    "class": "类别",
    "counted": "计入",
    "digest": "内容摘要",
    "event_id": "事实编号",
    "evidence": "依据",
    "evidence_count": "依据数",
    "household_no": "户号",
    "key": "对象",
    "month": "月份",
    "params": "参数",
    "person_id": "人员(代号)",
    "number": "编号",
    "raised_at": "预警时间",
    "revised_at": "变更时间",
    "revision": "版次",
    "rule": "规则",
    "sentence": "说明",
    "serial": "流水号",
    "severity": "级别",
    "source": "来源系统",
    "state": "状态",
    "status": "状态",
    "time": "时间",
    "type": "事实类型",
    "village": "村(社区)",
}
"""Heads of columns of lists that are no ledger's."""

VALUES: dict[str, dict[str, str]] = {
    "programme": PROGRAMMES,
    "rule": RULES,
    "severity": SEVERITIES,
    "state": STATES,
    "verb": VERBS,
    "status": FACT_STATUSES,
}
"""Words for the codes that stand in a column of such a list."""

NOT_CONNECTED = "未接入"
"""What a cell shows that nothing feeds yet."""
TOTAL = "合计"
UNKNOWN_AREA = "村(社区)不明"
STUBS = {"village": "村(社区)", "street": "街道(乡镇)"}
NOTE_ROW = "填报说明"
UNIT_ROW = "单位"
CHECK = "校核"
OF_WHICH = "其中"


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
