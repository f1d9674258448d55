"""Surveys of how content people are (满意度调查), as the third party hands them over."""

from services.intake.forms.columns import person
from services.intake.forms.form import DIVISION, Form, Header

_SURVEY = Header("调查编号", "survey_no")

FORMS = (
    Form(
        "dibao.survey.designed.v1",
        "调查方案",
        (
            _SURVEY,
            Header("调查名称", "title"),
            Header("调查单位", "surveyor", "第三方"),
            Header("抽样总量", "frame", note="从多少户中抽取"),
            Header("样本量", "sample"),
            Header("随机种子", "seed", note="可据以重复抽样的数"),
            Header("方案日期", "designed_on"),
            Header("题号", "*.question_no", note="每题一行，同一调查的其他各列相同"),
            Header("题目", "*.wording"),
        ),
        group_by=("survey_no",),
        items="questions",
    ),
    Form(
        "dibao.survey.answered.v1",
        "调查答卷",
        (
            _SURVEY,
            Header("答卷编号", "answer_no"),
            DIVISION,
            *person("person", "受访人"),
            Header("调查日期", "answered_on"),
            Header(
                "调查结果",
                "result",
            ),
            Header(
                "满意度",
                "satisfaction",
            ),
            Header("题号", "*.question_no", note="每题一行，同一答卷的其他各列相同"),
            Header("得分", "*.points", "评分", note="满分100"),
            Header("备注", "remarks", "说明"),
        ),
        group_by=("survey_no", "answer_no"),
        items="scores",
    ),
)
