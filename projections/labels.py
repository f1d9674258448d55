"""Chinese words for everything that screens and exports show: one catalogue."""

PROGRAMMES = {
    "urban_dibao": "城市低保",
    "rural_dibao": "农村低保",
    "tekun": "特困供养",
    "temporary_relief": "临时救助",
}
SEVERITIES = {"info": "提示", "low": "低", "medium": "中", "high": "高"}
STATES = {"open": "未消除", "withdrawn": "已撤销"}
VERBS = {"raised": "新增", "revised": "变更", "withdrawn": "撤销"}
PAYMENT_KINDS = {"regular": "正常发放", "arrears": "补发", "one_off": "一次性"}
PAYMENT_STATUSES = {"live": "有效", "returned": "已退回", "voided": "已作废", "set_aside": "存疑搁置"}
FACT_STATUSES = {"counts": "有效", "voided": "已作废", "set_aside": "存疑搁置"}
EXIT_KINDS = {"favour": "关系保、人情保", "policy": "政策保", "death": "死亡", "other": "其他"}
ROUTES = {"ordinary": "普通", "single_person": "参照单人户", "epidemic": "受疫情影响"}
CUSTODIAN_KINDS = {
    "relative": "亲属",
    "village_official": "村(社区)干部",
    "township_staff": "街道(乡镇)工作人员",
    "institution": "机构",
    "other": "其他",
}
PETITION_KINDS = {"complaint": "投诉举报", "request": "求助申请"}
OUTCOMES = {"settled": "处置到位", "not_settled": "未处置到位", "withdrawn": "撤回"}
CONDITIONS = {
    "custodian_name": "代管人与户名不符",
    "valid_from": "发放时代管尚未开始",
    "valid_to": "发放时代管已到期",
    "ended_on": "发放时代管已终止",
    "agreement_no": "无代管协议",
    "filed_on": "未备案",
}
"""Why a custody does not clear a name that differs."""
TIERS = {"variant": "只是简繁、异体或间隔号不同", "pinyin": "读音相同"}
ENTITLEMENT = {"before": "尚未纳入保障", "after": "已停发", "never": "从未纳入保障"}

LEDGERS = {
    "payments": "低保金发放台账",
    "recipients": "保障对象台账",
    "custody": "卡折代管台账",
    "petitions": "信访台账",
}

COLUMNS = {
    "account_id": "账户(代号)",
    "agreement_no": "协议号",
    "amount_fen": "金额(元)",
    "anomaly_id": "预警编号",
    "bank": "银行",
    "batch_no": "批次",
    "began_by": "纳入事实",
    "began_on": "纳入决定日期",
    "beneficiary": "对象(代号)",
    "business_date": "业务日期",
    "channel": "来源",
    "class": "类别",
    "closed_by": "办结事实",
    "closed_on": "办结日期",
    "correlation_id": "回执",
    "custodian": "代管人(代号)",
    "custodian_kind": "代管人身份",
    "custody_no": "代管编号",
    "digest": "内容摘要",
    "ended_by": "终止事实",
    "ended_on": "终止日期",
    "entitlement_fen": "核定金额(元/月)",
    "event_id": "事实编号",
    "evidence": "依据",
    "evidence_count": "依据数",
    "exit_kind": "退出类型",
    "filed_on": "日期",
    "from_month": "起始月",
    "granted_on": "登记日期",
    "household_no": "户号",
    "institution": "集体账户",
    "key": "对象",
    "kind": "类别",
    "matter_code": "事项",
    "member_count": "人数",
    "members": "成员",
    "month": "月份",
    "outcome": "结果",
    "paid_on": "到账日",
    "params": "参数",
    "payment_no": "发放编号",
    "person_id": "人员(代号)",
    "petition_no": "信访编号",
    "petitioner": "信访人(代号)",
    "programme": "救助类别",
    "raised_at": "预警时间",
    "repeats": "重复的信访(事实)",
    "repeats_petition_no": "重复的信访",
    "returned_on": "退回日期",
    "revised_at": "变更时间",
    "revision": "版次",
    "route": "纳入方式",
    "rule": "规则代号",
    "sentence": "说明",
    "serial": "流水号",
    "severity": "级别",
    "source": "来源系统",
    "spell": "保障期",
    "state": "状态",
    "status": "状态",
    "time": "时间",
    "title": "规则",
    "to_month": "停发月",
    "twice": "编号重复",
    "type": "事实类型",
    "valid_from": "起",
    "valid_to": "止",
    "village": "村(社区)",
}
"""Heads of columns of ledgers and lists."""

VALUES: dict[str, dict[str, str]] = {
    "programme": PROGRAMMES,
    "severity": SEVERITIES,
    "state": STATES,
    "verb": VERBS,
    "status": {**PAYMENT_STATUSES, **FACT_STATUSES},
    "exit_kind": EXIT_KINDS,
    "route": ROUTES,
    "custodian_kind": CUSTODIAN_KINDS,
    "kind": {**PAYMENT_KINDS, **PETITION_KINDS},
    "outcome": OUTCOMES,
    "custody_fails": CONDITIONS,
    "tier": TIERS,
    "when": ENTITLEMENT,
}
"""Words for the codes that stand in a column."""

NOT_CONNECTED = "未接入"
"""What a cell shows that nothing feeds yet."""
TOTAL = "合计"
UNKNOWN_AREA = "村(社区)不明"
STUBS = {"village": "村(社区)", "street": "街道(乡镇)"}
NOTE_ROW = "填报说明"
UNIT_ROW = "单位"
OF_WHICH = "其中"


def word(column: str, value: object) -> str:
    """Return the Chinese word for a code in a column, or the value itself where there is none."""
    return VALUES.get(column, {}).get(str(value), str(value))
