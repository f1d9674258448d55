"""What offices and banks call the columns of our forms in lists of their own: the table ``synonyms.csv``.

A row names a column of the forms, the headers that mean it, parted by blanks, and by the code of a sentence
why it has to be looked at first where they may mean another thing. Of several rows for one column the first
counts. A row without a column has the headers that lists have beside what our forms ask for.
"""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

_OUTCOMES = ("状态", "结果", "标志", "成功", "失败", "返回", "回盘")


@dataclass(frozen=True, slots=True)
class Meaning:
    """Headers that mean a column of the forms; ``open`` is empty where they mean nothing else."""

    column: str
    open: str
    headers: frozenset[str]


def says_outcome(header: str) -> bool:
    """Whether a bank may say below a header which rows were paid, and which were not."""
    return any(word in header for word in _OUTCOMES)


@cache
def meanings() -> tuple[Meaning, ...]:
    """Return the rows of the table, in its order."""
    text = files("services.intake").joinpath("synonyms.csv").read_text(encoding="utf-8")
    return tuple(
        Meaning(row["column"], row["open"], frozenset(row["headers"].split()))
        for row in csv.DictReader(text.splitlines())
    )
