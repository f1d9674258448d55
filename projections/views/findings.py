"""Where anomalies are, by area and rule, and how many are of a period (预警分布)."""

from projections.ledger import Heading
from projections.view import AREA, View

VIEW = View(
    title="预警分布",
    about="各规则的预警，按所述情形成立的业务日期(不是发出预警的日期)归入各期：期末及以前成立、就现有记录未撤销的件数、级别、"
    "最早一件已有几天、涉及金额，以及本期成立的件数和其中已撤销的件数。",
    columns=(
        AREA,
        Heading("rule", "规则"),
        Heading("open_count", "未消除"),
        Heading("high_count", "高"),
        Heading("medium_count", "中"),
        Heading("low_count", "低"),
        Heading("info_count", "提示"),
        Heading("raised_count", "本期成立"),
        Heading("withdrawn_count", "其中已撤销"),
        Heading("oldest_on", "最早成立日期", listed=False),
        Heading("oldest_days", "最早一件天数"),
        Heading("amount_fen", "涉及金额"),
    ),
    order=(("area", "text"), ("rule", "text")),
    period="anomalies of which it is so since a day in it",
)
