"""Who was paid after death, how much is to come back, and how much has (死亡后发放, R33)."""

from projections.ledger import Heading
from projections.view import AREA, View

VIEW = View(
    title="死后多发追回",
    about="本期登记死亡的保障对象中死亡后仍发放的：人数、月数、应追回、已追回、尚欠金额；宽限期内的月份不计。",
    columns=(
        AREA,
        Heading("death_count", "死亡对象"),
        Heading("going_on_count", "未停发"),
        Heading("paid_count", "死亡后发放人数"),
        Heading("month_count", "多发月数"),
        Heading("overpaid_fen", "应追回金额"),
        Heading("recovered_fen", "已追回金额"),
        Heading("owed_fen", "尚欠金额"),
        Heading("recovered_rate", "追回率(%)"),
        Heading("unsettled_count", "未追清户数"),
        Heading("days_mean", "登记至停发平均天数"),
        Heading("days_longest", "登记至停发最长天数"),
    ),
    order=(("area", "text"),),
    period="deaths registered in it",
)
