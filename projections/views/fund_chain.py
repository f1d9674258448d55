"""How long the money takes, and where it does not add up (资金时效, R34-R36)."""

from projections.ledger import PROGRAMME, Heading
from projections.view import Parameter, View

VIEW = View(
    title="资金时效",
    about="各期各环节的笔数和金额，核定到送银行、核定到到账的平均和最长天数及超时笔数，银行未回盘的批次和未结清的差额。",
    columns=(
        Heading("period", "所属期"),
        Heading(
            "fund_stage",
            "环节",
            words={
                "raised": "筹集",
                "allocated": "分配",
                "appropriated": "拨付",
                "batch_submitted": "发放",
            },
        ),
        PROGRAMME,
        Heading("step_count", "笔数"),
        Heading("amount_fen", "金额"),
        Heading("to_bank_mean", "核定到送银行平均天数"),
        Heading("to_bank_longest", "核定到送银行最长天数"),
        Heading("to_bank_late_count", "送银行超时"),
        Heading("paid_mean", "核定到到账平均天数"),
        Heading("paid_longest", "核定到到账最长天数"),
        Heading("paid_late_count", "到账超时"),
        Heading("unsettled_count", "未回盘批次"),
        Heading("unsettled_late_count", "逾期未回盘"),
        Heading("failed_count", "失败笔数", listed=False),
        Heading("failed_fen", "失败金额"),
        Heading("difference_count", "有差额批次"),
        Heading("difference_fen", "差额合计"),
    ),
    order=(("period", "text"), ("fund_stage", "text"), ("programme", "text")),
    area=None,
    levels=(),
    period="what is of a month, or a year, that lies in it or reaches into it",
    parameters=(
        Parameter(
            name="funds.to_bank_days",
            default="15",
            unit="days from the decision to the bank",
            source="ours",
            title="核定至送银行期限",
            measure="核定后的天数",
            basis="本系统设定",
        ),
        Parameter(
            name="funds.paid_days",
            default="30",
            unit="days from the decision to the account",
            source="ours",
            title="核定至到账期限",
            measure="核定后的天数",
            basis="本系统设定",
        ),
        Parameter(
            name="funds.settle_days",
            default="10",
            unit="days after the last day of the batch's month",
            source="ours",
            title="银行回盘期限",
            measure="批次所属月份结束后的天数",
            basis="本系统设定",
        ),
    ),
)
