"""What becomes of an input, as ``INDEX.tsv`` writes it down: counts, everything said, values on the log."""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
FILES = FOLDER / "files"
_COUNTED = ("accepted", "repeated", "rejected", "set_aside")
# What is another every time, or every year: ids that intake makes, receipts with their days, the last year.
_PASSING = re.compile(
    r"(?<=回执|水号)[0-9a-f]{8}-[0-9a-f-]{27}|(?<=，)\d{4}-\d{2}-\d{2}(?=[)）])|\d{4}(?=年之间)"
    r"|(?<=[：、要])[0-9a-f]{32}"
)


@dataclass(frozen=True)
class Outcome:
    """What became of a file or of a batch of events.

    ``counts``: lines accepted, repeated, rejected, set aside, or ``refused`` as a whole. ``said``: every
    reject, set-aside and warning by its code and its Chinese.
    """

    counts: str
    said: tuple[str, ...]

    @property
    def line(self) -> str:
        """The outcome in one line, as the index has it."""
        return "\t".join((self.counts, " | ".join(self.said)))

    @property
    def refused(self) -> bool:
        """Whether it was refused as a whole."""
        return self.counts == "refused"

    def codes(self, kind: str) -> list[str]:
        """The codes of a kind of what was said."""
        return [said.split(" ")[1].rstrip(":") for said in self.said if said.startswith(f"{kind} ")]

    @property
    def again(self) -> "Outcome":
        """The same handed over once more: what was accepted is repeated, and has no other beside it."""
        if self.refused:
            return self
        accepted, repeated, *others = self.counts.split("/")
        counts = "/".join(["0", str(int(accepted) + int(repeated)), *others])
        return Outcome(counts, tuple(said for said in self.said if " number-used-twice: " not in said))


@dataclass(frozen=True)
class Case:
    """A line of the index: a file, the context that it is for, what must become of it, what the log then has.

    ``log``: a fact's id (or another number that it has), a field and its value. ``tested``: the test that
    sends it, where it is none that can be handed over as a file.
    """

    name: str
    context: str
    outcome: Outcome
    log: tuple[tuple[str, str, str], ...]
    tested: str


def cases() -> Iterator[Case]:
    """Return the index."""
    with (FOLDER / "INDEX.tsv").open(encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            found = [re.fullmatch(r"(\S+) (\S+)=(.*)", each) for each in _parts(line["log"])]
            yield Case(
                line["file"],
                line["context"],
                Outcome(line["counts"], tuple(_parts(line["said"]))),
                tuple((match[1], match[2], match[3]) for match in found if match is not None),
                line["tested"],
            )


def outcome_of(answer: Mapping[str, Any]) -> Outcome:
    """Return the outcome that an answer to a file tells."""
    if "receipt" in answer:
        # Every line of it was rejected.
        return outcome_of(answer["receipt"])
    if "errors" in answer:
        said = [_said("refused", error["code"], error["detail"]) for error in answer["errors"]]
        return Outcome("refused", tuple(said))
    said = [
        _said(kind, item["code"], item["reason"])
        for kind in ("reject", "aside", "warning")
        for item in answer[f"{kind}s"]
    ]
    return Outcome(counts_of(answer), tuple(said))


def counts_of(receipt: Mapping[str, Any]) -> str:
    """Return what a receipt counts."""
    return "/".join(str(receipt[name]) for name in _COUNTED)


def value_of(facts: Mapping[str, Sequence[Mapping[str, Any]]], key: str, path: str) -> str:
    """Return a value on the log of the fact with an id, or of all that have a number; ``members#`` counts."""
    found = facts.get(key) or [
        data for versions in facts.values() for data in versions if key in data.values()
    ]
    return ", ".join(sorted(_at(data, path) for data in found))


def _at(data: Mapping[str, Any], path: str) -> str:
    value: Any = data
    for name in path.removesuffix("#").split("."):
        value = value[int(name)] if name.isdigit() else value.get(name)
    return str(len(value) if path.endswith("#") else value)


def _said(kind: str, code: str, sentence: str) -> str:
    return f"{kind} {code}: {_PASSING.sub('…', sentence)}".replace("\n", " ")


def _parts(text: str) -> list[str]:
    return [part for part in text.split(" | ") if part]
