"""Adding a noun opens no list elsewhere: a ledger is named in its own two files, and in no other."""

import re
from collections.abc import Mapping

import pytest

from projections.annex2.items import ITEMS, NOUN_OF
from projections.ledgers import LEDGERS
from projections.views import VIEWS
from tests.house.tree import ROOT, texts

PRODUCT = ("projections/", "services/", "deploy/")
APART = ("services/simulator/", "services/detection/", "services/reporting/receipts.py")
"""The offices outside, who have ledgers of their own; detection, whose rules have such names; and what adds
up the payments of a receipt, of which no other noun has any."""

KNOWING = (
    *("projections/", "services/reporting/", "services/projector/"),
    *("deploy/cli/reading.py", "deploy/cli/stories.py"),
)
"""Rooms in which the noun is the ledger's; elsewhere a context may be called the same."""

ANNEX2 = "projections/annex2"
"""The form counts what ledgers show: there the same noun stands once more, for its cells."""

VIEWS_OF_LEDGERS = "projections/views/"
"""Views ask ledgers, and say which."""


def marks_of(noun: str) -> re.Pattern[str]:
    """What names a ledger wherever it stands: its title, functions, module and tables."""
    own = (ROOT / "projections" / "ledgers" / f"{noun}.py").read_text(encoding="utf-8")
    tables = re.findall(r'= Table\(\s*"(\w+)"', own)
    read = [f'(?i:from|join|into) "?{table}' for table in tables]
    words = "|".join((f"{noun}_ledger", f"{noun}_now", f"ledgers[./]{noun}", *read))
    return re.compile(rf"\b(?:{words})\b|{LEDGERS[noun].title}")


def naming(noun: str, files: Mapping[str, str]) -> set[str]:
    """Which product files name a ledger."""
    marks, quoted = marks_of(noun), re.compile(rf"""["'/]{noun}["'/]""")
    return {
        path
        for path, text in files.items()
        if path.startswith(PRODUCT) and not path.startswith((*APART, ANNEX2, VIEWS_OF_LEDGERS))
        if marks.search(text)
        or (path.startswith(KNOWING) and quoted.search(text))
        or path.startswith(f"projections/ledgers/{noun}.")
    }


@pytest.mark.parametrize("noun", LEDGERS)
def test_a_ledger_is_named_in_its_two_files(noun: str) -> None:
    own = {f"projections/ledgers/{noun}.py", f"projections/ledgers/{noun}.sql"}
    assert naming(noun, dict(texts())) == own


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("services/reporting/application.py", 'Literal["payments", "kinship"]'),
        ("deploy/cli/reading.py", "rows('kinship')"),
        ("deploy/bench/latency.py", "SELECT * FROM kinship_ledger(NULL, NULL)"),
        ("services/platform/x.py", 'TITLES = ("近亲属备案台账",)'),
        ("services/reporting/anomalies.py", "SELECT 1 FROM kinship_filing k"),
        ("projections/fact.sql", "select 1 from kinship_filing as k"),
        ("services/reporting/anomalies.py", "from projections.ledgers.kinship import FILING"),
    ],
)
def test_a_list_elsewhere_would_be_found(path: str, text: str) -> None:
    assert naming("kinship", {path: text}) == {path}


def test_the_context_of_the_same_name_is_no_ledger() -> None:
    files = {
        "deploy/cli/serving.py": 'SMALL = ("kinship", "officials")',
        "services/kinship/service.py": 'Declaration("kinship", "近亲属备案")',
        "services/detection/rules/x.py": '"kinship"',
        "events/kinship.py": "近亲属备案台账",
    }
    assert naming("kinship", files) == set()


@pytest.mark.parametrize("code", ["A3", "B1", "B2", "B3", "B4", "B5", "B6", "B7", "B8", "C1", "C2a"])
def test_a_cell_is_a_line_of_the_form_and_one_of_its_item(code: str) -> None:
    naming_it = {
        path
        for path, text in texts()
        if path.startswith(PRODUCT) and not path.startswith(APART) and f'"{code}"' in text
    }
    assert naming_it == {"projections/annex2/form.json", f"projections/annex2/items/{NOUN_OF[code]}.py"}


@pytest.mark.parametrize("noun", VIEWS)
def test_a_view_is_named_in_its_two_files_and_where_another_asks_it(noun: str) -> None:
    marks = re.compile(rf"\b{noun}_view\b|views[./]{noun}\b|{VIEWS[noun].title}")
    quoted = re.compile(rf"""["'/]{noun}["'/]""")
    knowing = (VIEWS_OF_LEDGERS, "services/reporting/", "deploy/cli/reading.py")
    own = {f"projections/views/{noun}.{kind}" for kind in ("py", "sql")}
    asking = {name for name, view in VIEWS.items() if noun in view.asks}
    asking_it = {f"projections/views/{name}.{kind}" for name in asking for kind in ("py", "sql")}
    naming_it = {
        path
        for path, text in texts()
        if path.startswith(PRODUCT)
        if marks.search(text) or (path.startswith(knowing) and quoted.search(text))
    }
    assert naming_it - own == asking_it
    assert own <= {path for path, _ in texts()}


@pytest.mark.parametrize("noun", ITEMS)
def test_what_the_form_counts_is_named_in_the_files_of_its_noun(noun: str) -> None:
    own = {f"projections/annex2/items/{noun}.{kind}" for kind in ("py", "sql")}
    marks = re.compile(rf"annex2_{noun}\b|items[./]{noun}\b")
    assert {path for path, text in texts() if path.startswith(PRODUCT) and marks.search(text)} <= own
    assert own <= {path for path, _ in texts()}
