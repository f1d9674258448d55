"""What nobody may read in an answer, a log line, a report or a dead letter's headers: the values."""

import json
from collections.abc import Iterator
from itertools import chain
from typing import Any

from events.catalogue import BY_TYPE
from services.intake.sentences import SENTENCES
from tests.bad_input import sentences
from tests.bad_input.good import good_event, good_row
from tests.bad_input.table import Event, InputClass, Row
from tests.services.platform.golden import SECRET


def _telling(text: str) -> bool:
    # Shorter ones stand in an answer by chance.
    return len(text) >= (6 if text.isascii() else 2)


def secrets_of_class(bad: InputClass) -> set[str]:
    """Return the values that are wrong, and those of the persons beside them."""
    found: set[str] = set()
    said = _said(bad)
    for each in bad.inputs:
        for statement in each.statements:
            match statement:
                case Event():
                    found |= set(_of_event(statement))
                case Row():
                    found |= set(_of_row(statement))
    return {secret for secret in found if secret not in said}


def _of_event(event: Event) -> Iterator[str]:
    good = good_event(event.type, "nr", "/office")
    try:
        bad = json.loads(event.raw(good))
    except (ValueError, RecursionError):
        bad = good
    if not isinstance(bad, dict):
        return
    known = {text for _, text in _leaves(good)}
    for name, text in _leaves(bad):
        if (name in SECRET or text not in known) and _telling(text):
            yield text


def _of_row(row: Row) -> Iterator[str]:
    for cells in row.rows:
        yield from (str(value) for value in cells.values() if _telling(str(value)))
    for name, text in good_row(row.type, "nr").items():
        if text and ("姓名" in name or "身份证号" in name or name in ("账号", "户名", "事项")):
            yield text


def _leaves(data: Any, name: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(data, dict):
        for key, value in data.items():
            yield from _leaves(value, key)
    elif isinstance(data, list):
        for value in data:
            yield from _leaves(value, name)
    elif data is not None:
        yield name, str(data)


def _said(bad: InputClass) -> str:
    words = [str(value) for value in vars(sentences).values() if isinstance(value, str)]
    words += BY_TYPE
    words += chain.from_iterable(SENTENCES.values())
    for each in bad.inputs:
        for statement in each.statements:
            words += [getattr(statement, "field", ""), getattr(statement, "expected", "")]
            words += [getattr(statement, "column", ""), getattr(statement, "masked", "")]
    return "\n".join(words)
