"""Where anomalies are, by area and rule, and what came and went within a period (预警分布)."""

from projections.ledger import Heading
from projections.view import AREA, View

VIEW = View(
    title="预警分布",
    about="各规则的预警：截至期末未消除的件数、级别、最早一件已有几天、涉及金额，以及本期新增和撤销的件数。",
    columns=(
        AREA,
        Heading("rule", "规则"),
        Heading("open_count", "未消除"),
        Heading("high_count", "高"),
        Heading("medium_count", "中"),
        Heading("low_count", "低"),
        Heading("info_count", "提示"),
        Heading("raised_count", "本期新增"),
        Heading("withdrawn_count", "本期撤销"),
        Heading("oldest_on", "最早预警日期", listed=False),
        Heading("oldest_days", "最早一件天数"),
        Heading("amount_fen", "涉及金额"),
    ),
    order=(("area", "text"), ("rule", "text")),
    period="announcements made in it",
)
