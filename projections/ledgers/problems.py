"""Problems of this campaign and the three years before it, and what became of them (R30, R34, R46-R49)."""

from collections.abc import Iterable

from sqlalchemy import BigInteger, Boolean, Column, Date, Index, PrimaryKeyConstraint, Table, Text

from events.envelope import Event
from events.words import shown
from projections.fact import METADATA, Row, version, version_columns
from projections.ledger import EVENT_ID, HOUSEHOLD, TWICE, VILLAGE, Heading, Ledger, Month, Totals

PROBLEM = Table(
    "problem_found",
    METADATA,
    *version_columns(),
    Column("problem_no", Text, nullable=False),
    Column("campaign_no", Text),
    Column("stage", Text, nullable=False, comment="of the money's way"),
    Column("task_class", Text, nullable=False),
    Column("found_on", Date, nullable=False),
    Column("found_by", Text, nullable=False),
    Column("household_no", Text),
    Column("official_no", Text),
    Column("amount_fen", BigInteger),
    Column("due_on", Date),
    Column("earlier_problem_no", Text),
    PrimaryKeyConstraint("event_id", "digest"),
)
Index("problem_found_problem_no", PROBLEM.c.problem_no)
Index("problem_found_order", PROBLEM.c.found_on, PROBLEM.c.problem_no)
Index("problem_found_household", PROBLEM.c.household_no)

PROBLEM_STEP = Table(
    "problem_step",
    METADATA,
    *version_columns(),
    Column("problem_no", Text, nullable=False),
    Column("rechecked", Boolean, nullable=False, comment="else it was said to be put right"),
    Column("day", Date, nullable=False),
    Column("measure", Text, comment="of a rectification"),
    Column("recovered_fen", BigInteger, comment="of a rectification"),
    Column("confirmed_by", Text, comment="of a rectification: the second official"),
    Column("result", Text, comment="of a recheck"),
    PrimaryKeyConstraint("event_id", "digest"),
)
Index("problem_step_problem_no", PROBLEM_STEP.c.problem_no)


def found(event: Event) -> Iterable[Row]:
    """Return the row of a problem, without its description."""
    data = event.data
    yield (
        PROBLEM,
        (
            *version(event),
            data.problem_no,
            data.campaign_no,
            data.stage,
            data.task_class,
            data.found_on,
            data.found_by,
            data.household_no,
            data.official_no,
            data.amount_fen,
            data.due_on,
            data.earlier_problem_no,
        ),
    )


def rectified(event: Event) -> Iterable[Row]:
    """Return the row of a rectification, without its evidence."""
    data = event.data
    yield (
        PROBLEM_STEP,
        (
            *version(event),
            data.problem_no,
            False,
            data.rectified_on,
            data.measure,
            data.amount_fen,
            data.confirmed_by,
            None,
        ),
    )


def rechecked(event: Event) -> Iterable[Row]:
    """Return the row of a recheck, without what was found."""
    data = event.data
    yield (
        PROBLEM_STEP,
        (*version(event), data.problem_no, True, data.rechecked_on, None, None, None, data.result),
    )


LEDGER = Ledger(
    title="问题整改台账",
    rows={
        "dibao.campaign.problem_found.v1": found,
        "dibao.campaign.problem_rectified.v1": rectified,
        "dibao.campaign.problem_rechecked.v1": rechecked,
    },
    columns=(
        Heading("problem_no", "问题编号"),
        Heading("found_on", "发现日期"),
        Heading("found_by", "发现单位"),
        Heading("task_class", "任务类别", words=shown("campaign.problem_found", "task_class")),
        Heading("stage", "资金环节", words=shown("campaign.problem_found", "stage"), listed=False),
        HOUSEHOLD,
        Heading("official_no", "涉及人员编号", listed=False),
        Heading("amount_fen", "涉及金额"),
        Heading("due_on", "整改期限"),
        Heading("rectified_on", "整改日期"),
        Heading("measure", "整改措施", words=shown("campaign.problem_rectified", "measure")),
        Heading("recovered_fen", "整改金额", listed=False),
        Heading("confirmed_by", "复核人编号", listed=False),
        Heading("rechecked_on", "复查日期"),
        Heading("result", "复查结果", words=shown("campaign.problem_rechecked", "result"), listed=False),
        Heading(
            "status",
            "状态",
            words={
                "open": "未整改",
                "rectified": "已整改",
                "holds": "整改到位",
                "not_rectified": "整改不到位",
                "rebounded": "反弹",
            },
        ),
        Heading("earlier_problem_no", "原问题编号", listed=False),
        Heading("campaign_no", "行动编号", listed=False),
        TWICE,
        VILLAGE,
        EVENT_ID,
        Heading("rectified_by", "整改事实", listed=False),
        Heading("rechecked_by", "复查事实", listed=False),
    ),
    order=(("found_on", "date"), ("problem_no", "text")),
    area="village",
    household="household_no",
    housed=False,
    month=Month("the month in which it was found", day="found_on"),
    totals=Totals(("amount_fen", "recovered_fen")),
)
