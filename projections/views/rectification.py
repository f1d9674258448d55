"""What became of the problems that were found (整改, R46-R49)."""

from projections.ledger import Heading
from projections.view import AREA, View

VIEW = View(
    title="整改进度",
    about="本期发现的问题：已整改、经复查整改到位、整改不到位、反弹各多少，整改率，整改用了几天，"
    "超过整改期限仍未整改的，以及涉及和追回的金额。",
    columns=(
        AREA,
        Heading("found_count", "发现问题"),
        Heading("rectified_count", "已整改"),
        Heading("rate", "整改率(%)"),
        Heading("holds_count", "整改到位"),
        Heading("not_rectified_count", "整改不到位"),
        Heading("rebounded_count", "反弹"),
        Heading("open_count", "未整改"),
        Heading("overdue_count", "逾期未整改"),
        Heading("days_mean", "平均整改天数"),
        Heading("days_longest", "最长整改天数"),
        Heading("amount_fen", "涉及金额"),
        Heading("recovered_fen", "整改金额"),
    ),
    order=(("area", "text"),),
    period="problems found in it",
)
