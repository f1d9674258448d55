"""Who receives the allowance: the spells that follow from what was stated (R2, R15)."""

from events.words import shown
from projections.ledger import HOUSEHOLD, PROGRAMME, TWICE, VILLAGE, Heading, Ledger, Month, Totals

_EXIT_KINDS = shown("enrollment.exited", "exit_kind")

LEDGER = Ledger(
    title="保障对象台账",
    columns=(
        HOUSEHOLD,
        PROGRAMME,
        Heading("spell", "保障期"),
        Heading("from_month", "起始月"),
        Heading("to_month", "停发月"),
        Heading("member_count", "人数"),
        Heading("entitlement_fen", "核定金额(元/月)"),
        Heading("route", "纳入方式", words=shown("enrollment.enrolled", "route")),
        Heading("exit_kind", "退出类型", words=_EXIT_KINDS),
        TWICE,
        VILLAGE,
        Heading("members", "成员", listed=False, words=_EXIT_KINDS, sealed=True),
        Heading("began_on", "纳入决定日期", listed=False),
        Heading("ended_on", "终止日期", listed=False),
        Heading("began_by", "纳入事实", listed=False),
        Heading("ended_by", "终止事实", listed=False),
    ),
    order=(("household_no", "text"), ("programme", "text"), ("spell", "int")),
    area="village",
    front=("保障对象", "户"),
    household="household_no",
    programme="programme",
    month=Month("a month that the spell covers; members and entitlement are those of this month"),
    totals=Totals(("member_count", "entitlement_fen"), of_month=True),
)
