"""Policy (政策参数), as the office that adopts it hands it over."""

from services.intake.forms.form import Form, Header

FORMS = (
    Form(
        "dibao.policy.adopted.v1",
        "政策参数",
        (
            Header("参数", "parameter", "参数代码"),
            Header("参数值", "value", note="数字、是/否或文字"),
            Header("执行日期", "from", "起始日期 生效日期"),
            Header("适用区划", "scope.division_prefix", note="区划代码的前2至12位；不填为全部"),
            Header("适用类别", "scope.programme", note="不填为全部"),
            Header("依据文件", "document", "文号"),
        ),
    ),
    Form(
        "dibao.policy.issued.v1",
        "救助政策",
        (
            Header("政策编号", "policy_no"),
            Header("政策名称", "title"),
            Header("文号", "document", "依据文件"),
            Header("发文单位", "issued_by", "发文机关"),
            Header("执行日期", "from", "起始日期 生效日期"),
            Header("废止日期", "to", "截止日期"),
            Header(
                "救助内容",
                "gives",
            ),
            Header("适用条件", "conditions"),
        ),
    ),
)
