"""The hotline (社会救助服务热线): duty, calls, answers, samples, as whoever runs it hands them over."""

from services.intake.forms.columns import person
from services.intake.forms.form import Form, Header

_CALL = Header("来电编号", "call_no", "工单编号")
_LINE = Header("热线", "line", "热线号码")

FORMS = (
    Form(
        "dibao.hotline.rostered.v1",
        "热线值守",
        (
            Header("值守编号", "duty_no", "值班编号"),
            _LINE,
            Header("工作人员编号", "official_no"),
            Header("开始时间", "begins_at", "上班时间"),
            Header("结束时间", "ends_at", "下班时间"),
        ),
    ),
    Form(
        "dibao.hotline.called.v1",
        "热线来电",
        (
            _CALL,
            _LINE,
            Header("来电时间", "called_at"),
            Header("是否接听", "picked_up", "接听"),
            Header("接听人编号", "picked_up_by", note="工作人员编号"),
            *person("caller", "来电人"),
            Header("事项代码", "matter_code"),
            Header("答复期限", "due_on", "办理期限"),
            Header("来电事项", "matter", "诉求"),
        ),
    ),
    Form(
        "dibao.hotline.answered.v1",
        "热线答复",
        (
            _CALL,
            Header("答复时间", "answered_at"),
            Header("答复人编号", "answered_by", note="工作人员编号"),
            Header("是否回电", "called_back", "回电"),
            Header("是否解决", "resolved", "解决"),
            Header("答复内容", "answer"),
        ),
    ),
    Form(
        "dibao.hotline.sampled.v1",
        "热线抽查",
        (
            Header("抽查编号", "sample_no"),
            _CALL,
            Header("抽查单位", "sampler", "第三方"),
            Header("抽样总量", "frame", note="从多少个来电中抽取"),
            Header("随机种子", "seed", note="可据以重复抽样的数"),
            Header("抽查日期", "sampled_on"),
            Header("得分", "score", "评分", note="满分100"),
            Header("服务态度", "attitude", "态度"),
            Header("抽查情况", "findings", "情况说明"),
        ),
    ),
)
