"""`make check` lints every SQL file, and its linter finds the faults that it is there for."""

import re

import pytest
import sqlfluff
from sqlfluff.core import FluffConfig

from tests.house.tree import ROOT, text_of, texts

CONFIG = FluffConfig.from_path(str(ROOT))

RIGHT = """create function late(until date) returns table (number text, held boolean)
language sql stable begin atomic
  with stated as (
    select p.payment_no, p.paid_on, f.source
    from payment as p
    join live(late.until, null) as f on f.event_id = p.event_id
    where p.paid_on is not null
  )
  select
    s.payment_no,
    exists(
      select from held as h
      where h.payment_no = s.payment_no
    ) as held
  from stated as s
  order by s.payment_no asc, s.paid_on desc;
end;
"""


def found(script: str) -> set[str]:
    return {one["code"] for one in sqlfluff.lint(script, config=CONFIG)}


def test_sql_stands_where_it_is_linted() -> None:
    scripts = [path for path, _ in texts() if path.endswith(".sql")]
    assert len(scripts) > 10
    (linted,) = re.findall(r"sqlfluff lint --quiet (.+)", text_of(ROOT / "Makefile"))
    assert [path for path in scripts if not path.startswith(f"{linted}/")] == []


def test_sql_as_it_is_written_here_is_right() -> None:
    assert found(RIGHT) == set()


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        ("from stated as s", "from payment as s", "ST03"),  # a query of the WITH that nobody reads
        (" on f.event_id = p.event_id\n    where p.paid_on is not null", "", "AM08"),  # each with each
        ("\n      where h.payment_no = s.payment_no", "", "AL05"),  # of which nothing is read
        ("f.source", "source", "RF02"),  # of which of two tables?
        ("p.paid_on is not null", "p.paid_on <> null", "CV05"),
        ("    ) as held", "    )", "AL03"),
        (") as held", ") as payment_no", "AL08"),
        ("payment as p", "payment p", "AL01"),
        ("payment_no asc", "payment_no", "AM03"),
        ("select p.", "SELECT p.", "CP01"),
        ("null)", "NULL)", "CP04"),
        ("    where p", "      where p", "LT02"),
        ("null)", f"{' or '.join(['null'] * 20)})", "LT05"),
        ("order by", "order order by", "PRS"),  # what is no SQL
    ],
)
def test_a_fault_is_found(before: str, after: str, code: str) -> None:
    assert RIGHT.count(before) == 1
    assert code in found(RIGHT.replace(before, after))
