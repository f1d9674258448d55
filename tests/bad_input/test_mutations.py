"""Whatever becomes of an event or of a file: a fact, or a refusal that names a field and repeats nothing."""

import copy
import io
import json
import math
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec
import orjson
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deploy.contexts import BY_TYPE as FORM_OF
from deploy.contexts import forms_of
from events.catalogue import TYPES, UPSTREAM_CONTEXTS
from services.intake.answers import FileRefused, Rejection
from services.intake.entries import Delivery
from services.intake.envelope import read_event
from services.intake.horizon import Horizon
from services.intake.sources import Source
from services.intake.tables import Table, read_csv, read_xlsx
from services.platform.protection import ReadableFact
from tests.bad_input.good import good_event, good_row, header
from tests.bad_input.sending import context_of, csv_bytes, xlsx_bytes
from tests.services.intake.stated import stated_by

OFFICE = Source("/office", UPSTREAM_CONTEXTS, ("",))
HORIZON = Horizon.now(24)
UPSTREAM = [entry.name for entry in TYPES if entry.from_upstream]
MARK = "qzx7wvkj"
"""Stands in every text that is put in, and in no sentence."""

examples = settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])

texts = st.text(max_size=40).map(lambda text: text + MARK) | st.text(max_size=3)
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(min_value=-(10**40), max_value=10**40)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts
    | st.dates().map(str)
    | st.datetimes().map(datetime.isoformat)
    | st.from_regex(r"\A[0-9]{17}[0-9X]\Z")
    | st.from_regex(r"\A[0-9]{4}-[0-9]{2}\Z")
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)


def places(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in JSON data."""
    items = enumerate(data) if isinstance(data, list) else data.items() if isinstance(data, dict) else ()
    for name, value in items:
        yield (*path, name)
        yield from places(value, (*path, name))


@st.composite
def mutated_events(draw: st.DrawFn) -> tuple[str, bytes]:
    """A good event of any type with up to three of its values another, none, or under another name."""
    type_name = draw(st.sampled_from(UPSTREAM))
    event = good_event(type_name, "nr", "/office")
    for _ in range(draw(st.integers(1, 3))):
        *parents, name = draw(st.sampled_from(list(places(event))))
        place: Any = event
        for parent in parents:
            place = place[parent]
        match draw(st.sampled_from(["replace", "drop", "rename"])):
            case "replace":
                place[name] = draw(values)
            case "rename" if isinstance(place, dict):
                place[draw(texts)] = place.pop(name)
            case _:
                del place[name]
    return type_name, json.dumps(event, ensure_ascii=draw(st.booleans())).encode("utf-8", "surrogatepass")


def judged(raw: bytes | msgspec.Raw, context: str) -> None:
    """The outcome is a fact that the log can keep, or a refusal that names a field and repeats nothing."""
    found = read_event(raw, OFFICE, context, HORIZON)
    if isinstance(found, Rejection):
        for fault in found.faults:
            said = fault.sentence.english + fault.sentence.chinese
            assert fault.field and said
            assert MARK not in fault.field + said
    else:
        assert isinstance(found, ReadableFact)
        orjson.dumps(found.data.model_dump(mode="json", by_alias=True, exclude_none=True))


@examples
@given(mutated_events())
def test_an_event_with_other_values(mutated: tuple[str, bytes]) -> None:
    type_name, raw = mutated
    judged(raw, context_of(type_name))
    judged(msgspec.Raw(raw), context_of(type_name))


@examples
@given(
    mutated_events(), st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 255)), max_size=3), st.data()
)
def test_an_event_with_other_bytes(
    mutated: tuple[str, bytes], changes: list[tuple[int, int]], data: st.DataObject
) -> None:
    type_name, raw = mutated
    torn = bytearray(raw)
    for at, byte in changes:
        torn[at % len(torn)] = byte
    start = data.draw(st.integers(0, len(torn)))
    end = data.draw(st.integers(start, len(torn)))
    cut = data.draw(st.sampled_from([torn, torn[:end], torn[:start] + torn[end:], torn[:end] + torn[start:]]))
    judged(bytes(cut), context_of(type_name))


cells = st.one_of(
    texts,
    st.integers(-(10**20), 10**20),
    st.floats(),
    st.booleans(),
    st.datetimes(min_value=datetime(1900, 1, 1)),
    st.none(),
    st.from_regex(r"\A[0-9]{1,40}\Z"),
    st.from_regex(r"\A[0-9]{4}[-./年]?[0-9]{1,2}[-./月]?[0-9]{0,2}日?( [0-9]{1,2}:[0-9]{2})?\Z"),
)


@st.composite
def mutated_tables(draw: st.DrawFn, cell: st.SearchStrategy[Any]) -> tuple[str, list[list[Any]]]:
    """Good rows of a form in which up to four cells are another, and sometimes one too many."""
    type_name = draw(st.sampled_from(sorted(FORM_OF)))
    table: list[list[Any]] = [header(type_name)]
    table += [[*good_row(type_name, f"nr{number}").values()] for number in range(3)]
    for _ in range(draw(st.integers(1, 4))):
        row = table[draw(st.integers(0, 3) if draw(st.booleans()) else st.integers(1, 3))]
        row[draw(st.integers(0, len(row) - 1))] = draw(cell)
    if draw(st.booleans()):
        table[draw(st.integers(1, 3))].append(draw(cell))
    return type_name, table


def rows_judged(table: Table, context: str) -> None:
    """Every row is a fact, or its report names a column and shows no more than a masked value."""
    delivery = Delivery(
        caller=OFFICE,
        source="/office",
        context=context,
        horizon=HORIZON,
        batch="batch",
        correlation_id="receipt",
    )
    for stated in stated_by(table, delivery):
        if isinstance(stated.fact, Rejection):
            for fault in stated.fact.faults:
                reject = stated.report(stated, fault)
                said = [reject.column, reject.masked, reject.reason, reject.expected]
                assert all(said[::2]) and reject.reason.startswith(f"第{reject.row}行")
                assert MARK not in "".join(said)
                assert orjson.dumps(said)
                assert "\0" not in "".join(said)


@examples
@given(mutated_tables(texts | cells), st.sampled_from(["utf-8", "gb18030"]), st.data())
def test_a_csv_file_with_other_cells_and_bytes(
    mutated: tuple[str, list[list[Any]]], encoding: str, data: st.DataObject
) -> None:
    type_name, table = mutated
    content = bytearray(csv_bytes(table, encoding))
    for at, byte in data.draw(st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 255)), max_size=3)):
        content[at % len(content)] = byte
    try:
        found = read_csv(io.BytesIO(content), forms_of(context_of(type_name)))
        rows_judged(found, context_of(type_name))
    except FileRefused as refused:
        assert MARK not in str(refused)


def fits_a_workbook(value: Any) -> bool:
    """Whether openpyxl writes it: no control characters, and numbers that are."""
    if isinstance(value, float):
        return math.isfinite(value)
    return not isinstance(value, str) or all(mark >= " " and mark not in "\ufffe\uffff" for mark in value)


@settings(examples, max_examples=150)
@given(mutated_tables(cells.filter(fits_a_workbook)), st.data())
def test_a_workbook_with_other_cells_and_bytes(
    mutated: tuple[str, list[list[Any]]], data: st.DataObject
) -> None:
    type_name, table = mutated
    content = bytearray(xlsx_bytes(copy.deepcopy(table)))
    for at, byte in data.draw(st.lists(st.tuples(st.integers(0, 20_000), st.integers(0, 255)), max_size=2)):
        content[at % len(content)] = byte
    try:
        found = read_xlsx(io.BytesIO(content), forms_of(context_of(type_name)))
        rows_judged(found, context_of(type_name))
    except FileRefused as refused:
        assert MARK not in str(refused)
