"""How many of those who receive were gone over (清查进度, R10-R11)."""

from projections.ledger import Heading
from projections.view import AREA, View

VIEW = View(
    title="清查进度",
    about="现在保障的每户每类应清查一次：应查、已查、查出问题各多少，已查占应查的百分比。",
    columns=(
        AREA,
        Heading("due_count", "应查"),
        Heading("checked_count", "已查"),
        Heading("unchecked_count", "未查"),
        Heading("problem_count", "有问题"),
        Heading("coverage", "清查率(%)"),
        Heading("last_checked_on", "最近清查日期"),
    ),
    order=(("area", "text"),),
    period="checks made in it",
)
