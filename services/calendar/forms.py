"""The calendar (节假日安排), as the office that follows the State Council's notice hands it over."""

from services.intake.forms.form import Form, Header

FORMS = (
    Form(
        "dibao.calendar.year_arranged.v1",
        "节假日安排",
        (
            Header("年度", "year", note="同一年度重新安排时填写发生时间，以最新的为准"),
            Header("放假日期", "holidays", "放假 节假日", note="每年全部放假日期，以顿号分开"),
            Header("调休上班日期", "working_days", "调休 补班日期", note="周六、周日上班的日期，以顿号分开"),
            Header("依据文件", "document", "文号"),
        ),
        dated_by="year",
    ),
)
