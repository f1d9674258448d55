"""The golden streets: facts of invented people, and what is to be found among them, counted by hand."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Street:
    """The files of one street."""

    folder: Path

    @cached_property
    def lines(self) -> list[bytes]:
        """Its facts as upstream sends them."""
        return (self.folder / "facts.ndjson").read_bytes().splitlines()

    @cached_property
    def facts(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.lines]

    @cached_property
    def expected(self) -> dict[str, Any]:
        """``closed``, the day that is closed, and the ``findings`` that are open then."""
        expected: dict[str, Any] = json.loads((self.folder / "expected.json").read_text(encoding="utf-8"))
        return expected


FIRST = Street(FOLDER)
SECOND = Street(FOLDER / "second")
