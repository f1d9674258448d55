"""Villages, the worst first, by a score whose parts are shown (R41, R59)."""

from projections.ledger import Heading
from projections.view import AREA, Parameter, View


def _weight(of: str, default: str, unit: str, said: str, measure: str) -> Parameter:
    return Parameter(
        name=f"ranking.{of}_weight",
        default=default,
        unit=f"points for {unit}",
        source="ours",
        title=f"排名权重：{said}",
        measure=f"{measure}的分数",
        basis="本系统设定",
    )


VIEW = View(
    title="村(社区)排名",
    about="每个有保障对象的村(社区)的扣分，分高在前；总分等于所列各项之和：每百户未消除预警(高、中、低)、每百户逾期事项、"
    "未清查百分点、每千人重复信访、未整改百分点，各乘以权重。",
    columns=(
        Heading("place", "名次"),
        AREA,
        Heading("score", "总分"),
        Heading("high_points", "高级预警"),
        Heading("medium_points", "中级预警"),
        Heading("low_points", "低级预警"),
        Heading("overdue_points", "逾期事项"),
        Heading("coverage_points", "未清查"),
        Heading("repeat_points", "重复信访"),
        Heading("rectification_points", "未整改"),
        Heading("household_count", "保障户数"),
        Heading("recipient_count", "保障人数", listed=False),
        Heading("high_count", "高级预警件数", listed=False),
        Heading("medium_count", "中级预警件数", listed=False),
        Heading("low_count", "低级预警件数", listed=False),
        Heading("overdue_count", "逾期事项件数", listed=False),
        Heading("coverage", "清查率(%)", listed=False),
        Heading("repeat_count", "重复信访件数", listed=False),
        Heading("rectification_rate", "整改率(%)", listed=False),
        Heading("main_reason", "主要原因"),
    ),
    order=(("place", "int"),),
    front=True,
    period="petitions filed, checks made and problems found in it",
    parameters=(
        _weight("high", "3", "each open high anomaly a hundred households", "高级预警", "每百户每件"),
        _weight("medium", "1", "each open medium anomaly a hundred households", "中级预警", "每百户每件"),
        _weight("low", "0.2", "each open low anomaly a hundred households", "低级预警", "每百户每件"),
        _weight("overdue", "0.5", "each overdue thing a hundred households", "逾期事项", "每百户每件"),
        _weight(
            "coverage", "0.2", "each point of households that were not gone over", "未清查", "每个百分点"
        ),
        _weight("repeat", "0.5", "each repeat petition a thousand recipients", "重复信访", "每千人每件"),
        _weight(
            "rectification", "0.2", "each point of problems that are not put right", "未整改", "每个百分点"
        ),
    ),
    asks=("clocks", "coverage", "findings", "petitions_rate", "rectification"),
)
