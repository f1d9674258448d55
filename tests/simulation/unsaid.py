"""The mistake of leaving a statement out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from tests.simulation.postgres import ModelConnection


@contextmanager
def unsaid(statement: str, answer: str) -> Iterator[None]:
    """Never say a statement to PostgreSQL, and take this for its answer."""
    right = ModelConnection.execute

    async def execute(self: ModelConnection, query: str, *args: Any) -> str:
        return answer if query == statement else await right(self, query, *args)

    with mock.patch.object(ModelConnection, "execute", execute):
        yield
