"""The columns of the form of a household and its members."""

HEADER = [
    "流水号", "户号", "救助类别", "区划代码", "姓名", "身份证号", "与户主关系", "个人金额", "账号", "户名",
    "起始月", "核定金额", "纳入方式", "审批日期", "作废",
]  # fmt: skip
