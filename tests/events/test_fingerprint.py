"""The fingerprint of code: what counts, and what does not."""

from pathlib import Path

import pytest

from events.fingerprint import fingerprint_of

SHOWN = {"Rule": {"title", "phrases", "requirements"}}

SQL = """
-- What is late.
create function late(until date) returns setof fact
language sql stable begin atomic
  select f.* from fact as f where f.day > late.until;  -- not on the day itself
end;
"""

RULE = '''
"""found-late: something is found late."""

NAME = "found-late"


def findings(view):
    """Find it."""
    return [view] if view.days > 15 else []


RULE = Rule[View](
    name=NAME,
    version=1,
    title="逾期",
    phrases=("{number} 逾期",),
    requirements=("R1",),
    findings=findings,
)
'''


def digest(folder: Path, source: str, name: str = "found_late.py") -> str:
    folder.mkdir(exist_ok=True)
    file = folder / name
    file.write_text(source, encoding="utf-8")
    return fingerprint_of([file], folder, SHOWN)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('"""Find it."""', '"""Find what is late."""'),
        ('"""Find it."""', "# Late is late."),
        ('"""found-late: something is found late."""', ""),
        ("version=1,", "version=1,  # the first"),
        ("return [view] if view.days > 15 else []", "return [view] if (view.days > 15) else []"),
        ('title="逾期"', 'title="逾期未办"'),
        ('phrases=("{number} 逾期",)', 'phrases=("{number} 已逾期", "至今未办")'),
        ('requirements=("R1",)', 'requirements=("R1", "R2")'),
    ],
)
def test_words_and_layout_do_not_count(tmp_path: Path, before: str, after: str) -> None:
    assert before in RULE
    assert digest(tmp_path, RULE.replace(before, after)) == digest(tmp_path, RULE)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("> 15", "> 16"),
        ("version=1", "version=2"),
        ('NAME = "found-late"', 'NAME = "late"'),
        ("findings=findings", "findings=findings, by_month=True"),
        ("RULE = Rule", 'RULE = "a text that is no docstring" and Rule'),
        ("RULE = Rule[View]", "RULE = other"),
    ],
)
def test_a_changed_rule_does(tmp_path: Path, before: str, after: str) -> None:
    assert before in RULE
    assert digest(tmp_path, RULE.replace(before, after)) != digest(tmp_path, RULE)


def test_a_file_that_is_added_renamed_or_taken_away_does(tmp_path: Path) -> None:
    one, other = tmp_path / "one.py", tmp_path / "other.py"
    for file in (one, other):
        file.write_text(RULE, encoding="utf-8")
    found = [fingerprint_of(files, tmp_path, SHOWN) for files in ([one], [other], [one, other], [other, one])]
    assert len(set(found[:3])) == 3
    assert found[2] == found[3], "their order is not theirs"


@pytest.mark.parametrize(
    ("before", "after", "counts"),
    [
        ("-- What is late.", "-- What is late, by days.", False),
        ("where f.day", "\n  where\n    f.day", False),
        ("f.day >", "f.day >=", True),
        ("returns setof fact", "returns table (day date)", True),
    ],
)
def test_of_sql_layout_and_comments_do_not_count(
    tmp_path: Path, before: str, after: str, counts: bool
) -> None:
    assert before in SQL
    changed = digest(tmp_path, SQL.replace(before, after), "late.sql")
    assert (changed != digest(tmp_path, SQL, "late.sql")) is counts
