"""Chinese words for everything that screens and exports show: one catalogue."""

PROGRAMMES = {
    "urban_dibao": "城市低保",
    "rural_dibao": "农村低保",
    "tekun": "特困供养",
    "temporary_relief": "临时救助",
}
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
    "rule": "规则",
    "sentence": "说明",
    "serial": "流水号",
    "severity": "级别",
    "source": "来源系统",
    "spell": "保障期",
    "state": "状态",
    "status": "状态",
    "time": "时间",
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
    "rule": RULES,
    "severity": SEVERITIES,
    "state": STATES,
    "verb": VERBS,
    "status": {**PAYMENT_STATUSES, **FACT_STATUSES},
    "exit_kind": EXIT_KINDS,
    "route": ROUTES,
    "custodian_kind": CUSTODIAN_KINDS,
    "kind": {**PAYMENT_KINDS, **PETITION_KINDS},
    "outcome": OUTCOMES,
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
