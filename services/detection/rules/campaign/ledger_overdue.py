"""ledger-overdue: a ledger of a quarter that a division did not hand in by the day it was due (R61, R64)."""

from calendar import monthrange
from collections.abc import Iterator
from datetime import date

from services.detection.facts.campaign import CampaignOpened, LedgerSubmitted, TaskAssigned
from services.detection.facts.fact import Body
from services.detection.policy import Parameter
from services.detection.rules import clock
from services.detection.rules.clock import Clock, later, overdue
from services.detection.rules.rule import Clauses, Finding, Rule
from services.detection.subjects.owing import Owing


def clocks_of(view: Owing, without: Clauses = ()) -> list[tuple[dict[str, str], Clock]]:
    """Return what a division owes of the quarters that are over, each with the key of its finding.

    That is from the quarter of its own first task to that in which the campaign's last phase ends, if anybody
    stated one. What is handed in before a quarter's last day is not yet the ledger of the quarter.
    """
    begun, closed = view.begun, view.closed
    if begun is None or closed is None:
        return []
    because: tuple[Body | None, ...] = (begun, view.opened)
    clocks = []
    for quarter, end in _quarters("2018-01-01" if "joined_later" in without else begun.date):
        if end > closed or (_is_over(view, quarter) and "campaign_over" not in without):
            break
        days = view.policy.days(LEDGER_DAYS, end, view.scope)
        asked = view.policy.text(LEDGERS, end, view.scope)
        for ledger in dict.fromkeys(asked.split()):
            handed_in = [
                fact
                for fact in view.of(LedgerSubmitted)
                if (fact.ledger, fact.quarter) == (ledger, quarter) and fact.date >= end
            ]
            key = {
                "campaign_no": view.campaign_no,
                "division": view.division,
                "ledger": ledger,
                "quarter": quarter,
            }
            one = Clock(
                due_on=later(end, days),
                because=because,
                done=handed_in[0] if handed_in and "handed_in" not in without else None,
                policy={LEDGER_DAYS.name: days, LEDGERS.name: asked},
            )
            clocks.append((key, one))
    return clocks


def _quarters(day: str) -> Iterator[tuple[str, str]]:
    """Return each quarter from that of a day on, with its last day."""
    year, number = int(day[:4]), (int(day[5:7]) + 2) // 3
    while year <= date.max.year:
        month = 3 * number
        yield f"{year}-Q{number}", date(year, month, monthrange(year, month)[1]).isoformat()
        year, number = (year, number + 1) if number < 4 else (year + 1, 1)


def _is_over(view: Owing, quarter: str) -> bool:
    """Whether the campaign's last phase ends before a quarter begins."""
    until = view.opened.until if view.opened is not None else None
    return until is not None and quarter > next(_quarters(until))[0]


def findings(view: Owing, without: Clauses = ()) -> list[Finding]:
    """One finding a ledger and quarter. Params: ``due_on``, ``done_on``."""
    return [
        finding
        for key, one in clocks_of(view, without)
        for finding in overdue(view, one, NAME, key, "medium")
    ]


def next_due(view: Owing) -> date | None:
    """Return the first day whose closing may change the answer: that of a quarter's end may."""
    days = [clock.next_due(view, [one for _, one in clocks_of(view)])]
    if view.begun is not None and view.closed is not None:
        since = max(view.begun.date, view.closed)
        ends = ((quarter, end) for quarter, end in _quarters(since) if end > (view.closed or ""))
        quarter, end = next(ends, ("", ""))
        if end and not _is_over(view, quarter):
            days.append(date.fromisoformat(end))
    return min((day for day in days if day is not None), default=None)


NAME = "ledger-overdue"

LEDGER_DAYS = Parameter(
    name="campaign.ledger_days",
    default="15",
    unit="days after the quarter",
    source="ours",
    title="季度台账报送期限",
    measure="季度结束后的天数",
    basis="本系统设定",
)
LEDGERS = Parameter(
    name="campaign.ledgers",
    default="households payments custody petitions rectification",
    unit="ledgers of a quarter, with blanks between",
    source="ours",
    kind="text",
    title="季度应报送的台账",
    measure="台账代号，以空格分隔",
    basis="本系统设定",
)

RULE = Rule[Owing](
    name=NAME,
    version=1,
    title="台账逾期未报送",
    phrases=(
        "村(社区) {division} 的{quarter:quarter}{ledger:word}台账",
        "应于{due_on:day}前报送",
        ("{done_on:day}才报送", "至今未报送，逾期{due_on:days_over}天", "至今未报送"),
    ),
    requirements=("R61", "R64"),
    subject="owing",
    triggers=frozenset({TaskAssigned, LedgerSubmitted}),
    neighbours=frozenset({CampaignOpened}),
    parameters=(LEDGER_DAYS, LEDGERS),
    key=("campaign_no", "division", "ledger", "quarter"),
    clauses={
        "joined_later": "who had no task yet in a quarter owes nothing of it",
        "campaign_over": "the campaign was over before the quarter began",
        "handed_in": "it was handed in in time",
    },
    findings=findings,
    next_due=next_due,
)
