"""How many petitions come from where, and how many are settled at the first time (R38, R41, R45)."""

from projections.ledger import Heading
from projections.view import AREA, Parameter, View

WINDOW = Parameter(
    name="petitions.first_time_days",
    default="180",
    unit="days after its closing in which a petition settled at the first time is not repeated",
    source="ours",
    title="初次信访未再重复的观察期",
    measure="办结后的天数",
    basis="本系统设定",
)
HOT = Parameter(
    name="petitions.hot_rate",
    default="10",
    unit="petitions per 1,000 recipients from which a village stands out",
    source="ours",
    title="信访突出村(社区)的件数",
    measure="每千名保障对象的件数",
    basis="本系统设定",
)

VIEW = View(
    title="信访态势",
    about="本期收到的信访：件数、重复件数、每千名保障对象件数，以及初次信访办结到位且在期限内未重复的比例；"
    "每千人件数达到界限的列为突出村(社区)。",
    columns=(
        AREA,
        Heading("petition_count", "信访件数"),
        Heading("complaint_count", "投诉举报"),
        Heading("request_count", "求助申请"),
        Heading("repeat_count", "重复信访"),
        Heading("recipient_count", "保障人数"),
        Heading("per_thousand", "每千人件数"),
        Heading("first_count", "初次信访"),
        Heading("settled_count", "一次性化解"),
        Heading("settled_rate", "一次性化解率(%)"),
        Heading("pending_count", "未满观察期", listed=False),
        Heading("hot", "是否突出"),
        Heading("reason", "突出原因"),
    ),
    order=(("area", "text"),),
    period="petitions filed in it",
    parameters=(WINDOW, HOT),
)
