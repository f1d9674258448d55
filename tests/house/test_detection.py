"""Detection's machinery names no kind of subject, no kind of fact and no rule: they declare themselves."""

import re

import pytest

from services.detection.facts import BODIES
from services.detection.facts.fact import kind_of
from services.detection.rules import ALL, BY_NAME
from services.detection.subjects import DECLARED
from tests.house.tree import ROOT

MACHINERY = (
    *("announce", "day", "evaluate", "ingest", "marks", "prepared", "reading", "replay", "rows", "shard"),
    *("sweep", "trying"),
)
CIRCUMSTANCES = {"policy_adopted", "day_closed", "year_arranged"}
"""What holds for every subject is no subject's."""


def named(text: str) -> set[str]:
    """Which kinds and rules a text names, comments and docstrings apart."""
    code = re.sub(r'""".*?"""', "", text, flags=re.DOTALL) if "select" not in text else text
    code = re.sub(r"#.*", "", code)
    subjects = (
        {rule.subject for rule in ALL.rules}
        | DECLARED.keys()
        | {neighbour.kind for subject in DECLARED.values() for neighbour in subject.neighbours}
    )
    facts = {kind_of(body) for body in BODIES} - CIRCUMSTANCES
    quoted = {f"'{name}'" for name in facts | subjects} | {f'"{name}"' for name in facts | subjects}
    prefixes = {f"{name}:" for name in subjects} | set(BY_NAME)
    return {name for name in quoted | prefixes if name in code}


@pytest.mark.parametrize("module", MACHINERY)
def test_the_machinery_names_nobody(module: str) -> None:
    assert named((ROOT / "services" / "detection" / f"{module}.py").read_text(encoding="utf-8")) == set()


def test_a_name_would_be_found() -> None:
    assert named("where subject >= 'custody:'") == {"custody:"}
    assert named('if kind == "household":') == {'"household"'}
    assert named("fact.kind in ('died', 'x')") == {"'died'"}
