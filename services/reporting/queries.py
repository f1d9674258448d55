"""Every question that can be asked of the projection, over HTTP and on the command line alike."""

from services.reporting.annex2 import Annex2, UnknownCellError, annex2, annex2_cell, count_of_cell
from services.reporting.anomalies import (
    Announcement,
    Explanation,
    anomalies,
    changes,
    check_place,
    explain,
    follow,
)
from services.reporting.bell import Bell
from services.reporting.catalogue import Catalogue, Rule, catalogue, rules
from services.reporting.facts import Stated, fact
from services.reporting.filters import (
    MOST_ROWS,
    AnomalyFilter,
    BadCursorError,
    LedgerFilter,
    NotOfferedError,
    ViewFilter,
    WrongQuestionError,
    check_programme,
    checked_day,
    village_code,
)
from services.reporting.household import Story, story
from services.reporting.ledgers import check_offered, ledger
from services.reporting.paging import Page, Row
from services.reporting.policies import in_force
from services.reporting.reach import OutOfAreaError
from services.reporting.reading import (
    DayNotClosedError,
    NoProjectionError,
    NotThereError,
    UnknownHouseholdError,
)
from services.reporting.receipts import ReceiptTotals, receipt_totals
from services.reporting.sums import (
    AMOUNT,
    ANOMALY_GROUPS,
    ROWS,
    Sums,
    anomalies_by,
    anomaly_sums,
    ledger_sums,
)
from services.reporting.views import check_view, view

__all__ = [
    "AMOUNT",
    "ANOMALY_GROUPS",
    "MOST_ROWS",
    "ROWS",
    "Annex2",
    "Announcement",
    "AnomalyFilter",
    "BadCursorError",
    "Bell",
    "Catalogue",
    "DayNotClosedError",
    "Explanation",
    "LedgerFilter",
    "NoProjectionError",
    "NotOfferedError",
    "NotThereError",
    "OutOfAreaError",
    "Page",
    "ReceiptTotals",
    "Row",
    "Rule",
    "Stated",
    "Story",
    "Sums",
    "UnknownCellError",
    "UnknownHouseholdError",
    "ViewFilter",
    "WrongQuestionError",
    "annex2",
    "annex2_cell",
    "anomalies",
    "anomalies_by",
    "anomaly_sums",
    "catalogue",
    "changes",
    "check_offered",
    "check_place",
    "check_programme",
    "check_view",
    "checked_day",
    "count_of_cell",
    "explain",
    "fact",
    "follow",
    "in_force",
    "ledger",
    "ledger_sums",
    "receipt_totals",
    "rules",
    "story",
    "view",
    "village_code",
]
