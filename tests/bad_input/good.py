"""Good events and good rows: what stands beside the bad ones, and what the bad ones are made of."""

import copy
import json
from typing import Any

from deploy import contexts
from events.catalogue import BY_TYPE, UPSTREAM_CONTEXTS
from events.examples import examples_of
from tests.services.intake.filling import rows_of

_EXAMPLES: dict[str, dict[str, Any]] = {}
for _context in UPSTREAM_CONTEXTS:
    for _example in filter(lambda one: BY_TYPE[one["type"]].from_upstream, examples_of(_context)):
        _EXAMPLES.setdefault(_example["type"], _example)

PERSON = {"name": "曹礼贵", "id_number": "500102196011093454"}
_EXAMPLES["dibao.vitals.died.v1"] = copy.deepcopy(_EXAMPLES["dibao.vitals.died.v1"])
_EXAMPLES["dibao.vitals.died.v1"]["data"]["person"] = PERSON

_EXAMPLES["dibao.policy.adopted.v1"]["data"]["scope"] = {"division_prefix": "500102008"}

_ACCOUNT = {"账号": "6217000000007922", "户名": "金和义", "开户行": "邮储银行", "集体账户": ""}
_ROWS: dict[str, dict[str, Any]] = {
    "dibao.payments.paid.v1": {
        "流水号": "", "发放编号": "FF00051234", "户号": "LZ000817", "救助类别": "农村低保",
        "发放月": "2021-06", "到账日": "2021-06-28", "金额": "540.00", "发放类型": "常规", **_ACCOUNT,
        "批次": "PSBC-202106-rural", "区划代码": "", "发生时间": "2021-06-28 09:30", "作废": "",
    },
    "dibao.payments.returned.v1": {
        "流水号": "", "发放编号": "FF00051234", "户号": "LZ000817", "救助类别": "农村低保",
        "发放月": "2021-06", **_ACCOUNT, "退回日期": "2021-07-02", "退回原因": "账户已注销", "作废": "",
    },
    "dibao.vitals.died.v1": {
        "流水号": "", "姓名": "曹礼贵", "身份证号": "500102196011093454", "本地编号": "",
        "死亡日期": "2021-09-04", "登记日期": "2021-09-07", "登记机关": "荔枝派出所", "作废": "",
    },
    "dibao.custody.granted.v1": {
        "流水号": "", "代管编号": "DG000042", "户号": "LZ000126",
        "对象姓名": "卢长庚", "对象身份证号": "500102194801090312", "对象本地编号": "",
        "代管人姓名": "牟定国", "代管人身份证号": "500102196802170532", "代管人本地编号": "",
        "代管人类别": "村干部", "账号": "6217000000009910", "协议号": "代管协议00042",
        "备案日期": "2021-03-01", "开始日期": "2021-03-01", "截止日期": "2022-02-28", "作废": "",
    },
    "dibao.petitions.filed.v1": {
        "流水号": "", "信访编号": "XF2021-0031", "信访人姓名": "阿依古丽·买买提",
        "信访人身份证号": "650102197709031287", "信访人本地编号": "", "户号": "LZ000455",
        "区划代码": "500102008201", "信访日期": "2021-05-11",
        "渠道": "12345热线", "信访类别": "投诉举报", "事项代码": "M03",
        "事项": "反映村干部代管存折不交还", "作废": "",
    },
    "dibao.enrollment.enrolled.v1": {
        "流水号": "", "户号": "LZ000817", "救助类别": "农村低保", "区划代码": "500102008003",
        "姓名": "金和义", "身份证号": "500102195203141276", "本地编号": "", "与户主关系": "本人",
        "个人金额": "240.00", **_ACCOUNT, "起始月": "2020-12", "核定金额": "463.00", "纳入方式": "普通",
        "审批日期": "2020-11-20", "作废": "",
    },
    "dibao.enrollment.members_changed.v1": {
        "流水号": "", "户号": "LZ000817", "救助类别": "农村低保", "起始月": "2021-03", "变更类型": "增加",
        "姓名": "安素芬", "身份证号": "500102195507222446", "本地编号": "", "与户主关系": "母亲",
        "个人金额": "300", "变更原因": "", "核定金额": "540", "作废": "",
    },
    "dibao.enrollment.exited.v1": {
        "流水号": "", "户号": "LZ000817", "救助类别": "农村低保", "退出范围": "个人", "姓名": "安素芬",
        "身份证号": "500102195507222446", "本地编号": "", "退出原因": "死亡", "停发月": "2021-10",
        "审批日期": "2021-09-10", "作废": "",
    },
    "dibao.policy.adopted.v1": {
        "流水号": "", "参数": "death.grace_months", "参数值": "3", "执行日期": "2021-01-01",
        "适用区划": "500102008", "依据文件": "涪民政发〔2021〕3号",
        "发生时间": "2021-01-04 09:00", "作废": "",
    },
}  # fmt: skip

for _form in contexts.FORMS:
    if _form.type not in _ROWS:
        _ROWS[_form.type] = dict(rows_of(_form, _EXAMPLES[_form.type])[0])


def good_event(type_name: str, serial: str, source: str) -> dict[str, Any]:
    """Return a good event of a type, with an id and a source of its own."""
    event = {**copy.deepcopy(_EXAMPLES[type_name]), "id": serial, "source": source}
    if type_name.endswith(".voided.v1"):
        event["data"]["source"] = source  # a void undoes what its own source stated
    return event


def encoded(event: dict[str, Any]) -> bytes:
    """Return an event as bytes."""
    return json.dumps(event, ensure_ascii=False).encode()


def header(type_name: str) -> list[str]:
    """Return the header row of a form, with every column that the good row has."""
    return list(_ROWS[type_name])


def good_row(type_name: str, serial: str) -> dict[str, Any]:
    """Return a good row of the form of a type, by header."""
    return {**_ROWS[type_name], "流水号": serial}
