"""A generation says what code made it, by what fills it and what it answers; no number is raised by hand."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from projections.schema import answers, create_generation, made_by
from tests.house.tree import ROOT

KINSHIP = "ledgers/kinship"
TOLD = "from projections.schema import answers, made_by; print(made_by(), answers(), sep='\\n')"


def made_by_a_copy(tmp_path: Path, file: str, before: str, after: str) -> tuple[str, str]:
    """What a copy of the code would say, with one place changed: what made it, and what it answers."""
    for floor in ("events", "projections"):
        shutil.copytree(ROOT / floor, tmp_path / floor, ignore=shutil.ignore_patterns("__pycache__"))
    changed = tmp_path / "projections" / file
    text = changed.read_text(encoding="utf-8")
    assert text.count(before) == 1
    changed.write_text(text.replace(before, after), encoding="utf-8")
    said = subprocess.check_output([sys.executable, "-c", TOLD], cwd=tmp_path, text=True)
    made, answering = said.splitlines()
    return made, answering


@pytest.mark.parametrize("first", ["projections.voids", "projections.ledgers.petitions"])
def test_it_is_the_same_whatever_was_imported_first(first: str) -> None:
    said = subprocess.check_output([sys.executable, "-c", f"import {first}; {TOLD}"], cwd=ROOT, text=True)
    assert said.splitlines() == [made_by(), answers()]


def test_it_stands_with_the_generation() -> None:
    assert f"COMMENT ON SCHEMA projection_g3 IS '{made_by()}'" in create_generation(3)
    assert made_by().endswith(f", answers {answers()}")


@pytest.mark.parametrize(
    ("file", "before", "after"),
    [
        (f"{KINSHIP}.py", '"近亲属备案台账"', '"近亲属备案情况"'),
        (f"{KINSHIP}.py", 'Heading("post", "职务")', 'Heading("post", "职务名称")'),
        (f"{KINSHIP}.py", "official and relative as tokens", "both persons as tokens"),
        (f"{KINSHIP}.sql", "-- that count have the number.", "-- have the number."),
        ("annex2/items/relief.py", 'Count("relief", "epidemic")', 'Count("relief", "illness")'),
        ("phrases.py", "from string import Formatter", "from string import Formatter, Template"),
    ],
)
def test_what_is_only_shown_asks_for_no_rebuild(tmp_path: Path, file: str, before: str, after: str) -> None:
    assert made_by_a_copy(tmp_path, file, before, after) == (made_by(), answers())


def test_other_rows_do(tmp_path: Path) -> None:
    made, answering = made_by_a_copy(tmp_path, f"{KINSHIP}.py", "data.official.person_id", "None")
    assert made != made_by()
    assert answering == answers(), "whoever asks may go on"


@pytest.mark.parametrize(
    ("file", "before", "after"),
    [
        (f"{KINSHIP}.py", 'Column("post", Text, nullable=False)', 'Column("post", Text)'),
        (f"{KINSHIP}.sql", "v.reviewed_on desc", "v.reviewed_on asc"),
        ("annex2/item.sql", "times int", "times bigint"),
    ],
)
def test_so_do_other_tables_and_questions_and_nobody_asks_the_old_ones(
    tmp_path: Path, file: str, before: str, after: str
) -> None:
    made, answering = made_by_a_copy(tmp_path, file, before, after)
    assert made != made_by()
    assert answering != answers()
