"""Sending a class of bad input by every way, among good neighbours, and holding each answer to the table."""

import asyncio
import csv
import io
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx
import openpyxl
from openpyxl.cell import WriteOnlyCell
from openpyxl.worksheet.worksheet import Worksheet

from services.intake.sentences import SENTENCES
from tests.bad_input.desk import Desk
from tests.bad_input.good import encoded, good_event, good_row, header
from tests.bad_input.table import (
    ARRAY,
    CSV,
    KAFKA,
    LINES,
    NDJSON,
    NO_VALUE,
    ROW_WAYS,
    SINGLE,
    Event,
    Input,
    InputClass,
    Request,
    Row,
    Step,
    Steps,
    Upload,
    Way,
    ways_of,
)

CONTENT_TYPES = {
    SINGLE: "application/cloudevents+json",
    ARRAY: "application/cloudevents-batch+json",
    LINES: "application/x-ndjson",
}

_AT_ONCE = 8

Rejects = list[tuple[int, str, str, str]]
"""What a receipt says of rows that were rejected: row, column, masked value, what was expected."""

Letters = list[tuple[str, int, str, str]]
"""Dead letters that must come: topic's context, offset, class, reason."""


@dataclass(frozen=True)
class Formatted:
    """A value of a workbook with its number format."""

    value: Any
    number_format: str


class Shown(str):
    """A text in a workbook that only looks like a formula."""


def context_of(type_name: str) -> str:
    """Return the context of a type."""
    return type_name.split(".")[1]


async def send_class(desk: Desk, bad: InputClass) -> Letters:
    """Send every input of a class; return the dead letters that must come of it."""
    letters: Letters = []
    events: dict[tuple[str, str, Way], list[tuple[Input, Event]]] = defaultdict(list)
    rows: dict[tuple[str, str, Way], list[tuple[Input, Row]]] = defaultdict(list)
    for each in bad.inputs:
        for statement in each.statements:
            for way in ways_of(statement, each.not_by):
                match statement:
                    case Event():
                        events[context_of(statement.type), statement.key, way].append((each, statement))
                    case Row():
                        rows[statement.type, statement.key, way].append((each, statement))
    for (context, key, way), together in events.items():
        letters += await _SENDERS[way](desk, context, key, together)
    for (type_name, key, way), fellows in rows.items():
        await _send_rows(desk, type_name, key, way, fellows)
    for each in bad.inputs:
        for statement in each.statements:
            match statement:
                case Request():
                    await _send_request(desk, each, statement)
                case Upload():
                    await _send_upload(desk, each, statement)
                case Steps():
                    await _send_steps(desk, each, statement)
    return letters


def letters_of(records: Sequence[Any], prefix: str) -> Letters:
    """Return what dead letters say of themselves."""
    found: Letters = []
    for record in records:
        said = {name: value.decode() for name, value in record.headers}
        context = said["topic"].removeprefix(f"{prefix}.intake.")
        found.append((context, int(said["offset"]), said["error"], said["reason"]))
    return sorted(found)


async def _send_single(desk: Desk, context: str, key: str, together: list[tuple[Input, Event]]) -> Letters:
    headers = {"Content-Type": CONTENT_TYPES[SINGLE]}
    await _good_single(desk, together[0][1].type, key, headers)

    async def send(each: Input, event: Event) -> None:
        serial = desk.serial()
        raw = event.raw(good_event(event.type, serial, desk.source(key)))
        answer = await desk.post(context, "/events", raw, headers, key)
        told = answer.json()
        found = answer.status_code, told.get("id"), _expected(told)
        status = 403 if event.forbidden else 422
        desk.hold(each.name, found, (status, serial if event.named else None, event.faults))

    for at in range(0, len(together), _AT_ONCE):
        some = together[at : at + _AT_ONCE]
        # A good one beside them, and one behind them.
        beside = _good_single(desk, some[-1][1].type, key, headers)
        await asyncio.gather(beside, *(send(each, event) for each, event in some))
        await _good_single(desk, some[-1][1].type, key, headers)
    return []


async def _good_single(desk: Desk, type_name: str, key: str, headers: dict[str, str]) -> None:
    answer = await desk.post(context_of(type_name), "/events", desk.good(type_name, key), headers, key)
    assert (answer.status_code, answer.json()["status"]) == (202, "accepted"), answer.text


async def _send_batch(
    desk: Desk, context: str, key: str, together: list[tuple[Input, Event]], way: Way
) -> Letters:
    wanted: list[Any] = []
    lines: list[bytes] = []
    for serial, event, raw in _among_good(desk, together, key):
        lines.append(raw)
        wanted.append(None if event is None else _item(len(wanted), serial, event))
    names = _names(together)
    body = b"[" + b",".join(lines) + b"]" if way is ARRAY else b"\n".join(lines)
    answer = await desk.post(context, "/events", body, {"Content-Type": CONTENT_TYPES[way]}, key)
    assert answer.status_code == 207, answer.text
    found = answer.json()
    assert len(found["items"]) == len(wanted)
    for name, item, expected in zip(names, found["items"], wanted, strict=True):
        if expected is None:
            assert item["status"] == "accepted", item
        else:
            answered = item["index"], item["id"], item["status"], _expected(item)
            desk.hold(f"{name} ({way.value})", answered, expected)
    bad = sum(item is not None for item in wanted)
    _check_counts(found["receipt"], len(wanted), len(wanted) - bad, bad)
    return []


async def _send_array(desk: Desk, context: str, key: str, together: list[tuple[Input, Event]]) -> Letters:
    return await _send_batch(desk, context, key, together, ARRAY)


async def _send_lines(desk: Desk, context: str, key: str, together: list[tuple[Input, Event]]) -> Letters:
    return await _send_batch(desk, context, key, together, LINES)


async def _send_ndjson(desk: Desk, context: str, key: str, together: list[tuple[Input, Event]]) -> Letters:
    wanted: list[tuple[str, Rejects]] = []
    lines: list[bytes] = []
    for name, (_, event, raw) in zip(_names(together), _among_good(desk, together, key), strict=True):
        lines.append(raw)
        if event is not None:
            rejects = [_reject(len(lines), field, "", expected) for field, expected in event.faults]
            wanted.append((f"{name} ({NDJSON.value})", rejects))
    answer = await _upload(desk, context, key, "facts.ndjson", b"\n".join(lines))
    _check_file(desk, answer, len(lines), len(lines) - len(wanted), wanted)
    return []


async def _send_kafka(desk: Desk, context: str, key: str, together: list[tuple[Input, Event]]) -> Letters:
    sent = list(_among_good(desk, together, key))
    records = [(key if event else _good_key(key), None if raw == NO_VALUE else raw) for _, event, raw in sent]
    return [
        (context, offset, "Forbidden" if event.forbidden else "Rejected", _reason(event))
        for (_, event, _), offset in zip(sent, await desk.hand_over(context, *records), strict=True)
        if event is not None
    ]


_SENDERS = {
    SINGLE: _send_single,
    ARRAY: _send_array,
    LINES: _send_lines,
    NDJSON: _send_ndjson,
    KAFKA: _send_kafka,
}


def _among_good(
    desk: Desk, together: list[tuple[Input, Event]], key: str
) -> Iterator[tuple[str, Event | None, bytes]]:
    yield "", None, desk.good(together[0][1].type, _good_key(key))
    for _, event in together:
        serial = desk.serial()
        yield serial, event, event.raw(good_event(event.type, serial, desk.source(key)))
        yield "", None, desk.good(event.type, _good_key(key))


def _names(together: list[tuple[Input, Event]]) -> Iterator[str]:
    # As ``_among_good`` has them: each between two good ones.
    yield ""
    for each, _ in together:
        yield each.name
        yield ""


def _reason(event: Event) -> str:
    return "; ".join(f"{field}: {expected}" for field, expected in event.faults)


def _good_key(key: str) -> str:
    # The neighbours of who may say nothing are the office's.
    return key if key in ("office", "street") else "office"


def _item(index: int, serial: str, event: Event) -> tuple[Any, ...]:
    return index, serial if event.named else None, "rejected", event.faults


def _expected(answer: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What an answer names: fields, and what was expected there; each with a code and its Chinese."""
    for error in answer["errors"]:
        assert SENTENCES[error["code"]]
        assert re.search(r"[\u4e00-\u9fff]", error["detail"])
    return [(error["field"], error["expected"]) for error in answer["errors"]]


async def _send_rows(
    desk: Desk, type_name: str, key: str, way: Way, together: list[tuple[Input, Row]]
) -> None:
    names = list(dict.fromkeys([*header(type_name), *(name for _, row in together for name in _named(row))]))
    table: list[list[Any]] = [names]
    wanted: list[tuple[str, Rejects]] = []
    good = 0

    def add(cells: Mapping[str, Any]) -> None:
        table.append([cells.get(name, "") for name in names])

    for each, row in together:
        good += 1
        serial = desk.serial()
        desk.expect(key, serial)
        add({**good_row(type_name, serial), **_apart(type_name, good)})
        serial = desk.serial()
        first = len(table) + 1
        for cells in row.rows:
            add({**good_row(type_name, serial), **_apart(type_name, -good), **cells})
        rejects = [
            _reject(first + at, column, masked, expected.format(first=first))
            for at, column, masked, expected in row.faults
        ]
        wanted.append((f"{each.name} ({way.value})", rejects))
    good += 1
    serial = desk.serial()
    desk.expect(key, serial)
    add({**good_row(type_name, serial), **_apart(type_name, good)})
    content = csv_bytes(table) if way is CSV else xlsx_bytes(table)
    answer = await _upload(desk, context_of(type_name), key, f"表{way.name}.{way.name.lower()}", content)
    _check_file(desk, answer, len(table) - 1, good, wanted)


def _named(row: Row) -> Iterator[str]:
    for cells in row.rows:
        yield from cells


def _apart(type_name: str, number: int) -> dict[str, str]:
    # Rows of one household, programme and month are one fact where the form has a row a person.
    return {"户号": f"LZ{number:07}"} if type_name.startswith("dibao.enrollment.") else {}


def csv_bytes(table: list[list[Any]], encoding: str = "utf-8") -> bytes:
    """Return rows as a csv file."""
    out = io.StringIO()
    csv.writer(out).writerows(table)
    return out.getvalue().encode(encoding, "surrogateescape")


def xlsx_bytes(table: list[list[Any]]) -> bytes:
    """Return rows as a workbook."""
    book = openpyxl.Workbook(write_only=True)
    sheet: Worksheet = book.create_sheet()
    for row in table:
        sheet.append([_cell(sheet, value) for value in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _cell(sheet: Worksheet, value: Any) -> Any:
    if isinstance(value, Formatted):
        cell = WriteOnlyCell(sheet, value=value.value)
        cell.number_format = value.number_format
        return cell
    cell = WriteOnlyCell(sheet, value=str(value) if isinstance(value, Shown) else value)
    if isinstance(value, Shown):
        cell.data_type = "s"
    return cell


async def _upload(
    desk: Desk, context: str, key: str, name: str, content: bytes, **fields: str
) -> httpx.Response:
    query = httpx.QueryParams({"name": name, "source": desk.source(key), **fields})
    return await desk.post(context, f"/files?{query}", content, {}, key)


def _reject(row: int, column: str, masked: str, expected: str) -> tuple[int, str, str, str]:
    return row, column, masked, expected


def _rejects(receipt: Mapping[str, Any]) -> Rejects:
    """What a receipt says of rows that were rejected; each as a Chinese sentence that names the row."""
    for item in receipt["rejects"]:
        assert SENTENCES[item["code"]]
        assert item["reason"].startswith(f"第{item['row']}行")
    return [(item["row"], item["column"], item["masked"], item["expected"]) for item in receipt["rejects"]]


def _check_file(
    desk: Desk, answer: httpx.Response, lines: int, good: int, wanted: Sequence[tuple[str, Rejects]]
) -> None:
    assert answer.status_code == 207, answer.text
    found = answer.json()
    by_row: dict[int, Rejects] = defaultdict(list)
    for reject in _rejects(found):
        by_row[reject[0]].append(reject)
    for name, rejects in wanted:
        rows = dict.fromkeys(row for row, *_ in rejects)
        desk.hold(name, [reject for row in rows for reject in by_row.pop(row, [])], rejects)
    desk.hold("no other row", dict(by_row), {})
    _check_counts(found, lines, good, lines - good)


def _check_counts(receipt: Mapping[str, Any], lines: int, accepted: int, rejected: int) -> None:
    names = ("lines", "accepted", "repeated", "rejected", "set_aside", "status")
    assert tuple(receipt[name] for name in names) == (lines, accepted, 0, rejected, 0, "complete")


async def _send_request(desk: Desk, each: Input, request: Request) -> None:
    headers = {"Content-Type": CONTENT_TYPES[SINGLE]}
    type_name = "dibao.payments.paid.v1"
    await _good_single(desk, type_name, "office", headers)
    body: Any = request.body
    if callable(body):
        events = []
        for number in range(3):
            serial = desk.serial()
            events.append(encoded(good_event(type_name, serial, desk.source(request.key))))
            if number < request.accepts:
                desk.expect(request.key, serial)
        body = body(events)
    sent = {**desk.authorization(request.key), **request.headers}
    if request.content_type is not None:
        sent["Content-Type"] = request.content_type
    content = _in_pieces(body) if request.chunked else body
    answer = await desk.ask(request.method, f"/{request.context}{request.path}", content, sent)
    desk.hold(each.name, answer.status_code, request.status)
    if request.answer is not None:
        desk.hold(each.name, answer.json(), request.answer)
    elif not request.accepts:
        assert answer.headers["content-type"] == "application/problem+json"
        desk.hold(each.name, _expected(answer.json()), [(request.field, request.expected)])
    await _good_single(desk, type_name, "office", headers)


async def _in_pieces(body: bytes) -> Any:
    for at in range(0, len(body), 65_536):
        yield body[at : at + 65_536]


async def _send_upload(desk: Desk, each: Input, upload: Upload) -> None:
    content = upload.content
    if callable(content):
        table = [header(upload.type)]
        serials = [desk.serial() for _ in range(3)]
        table += [[*good_row(upload.type, serial).values()] for serial in serials]
        content = content(table)
        rejected = {row for row, *_ in upload.rejects}
        for row, serial in enumerate(serials, start=2):
            if upload.counts is not None and len(table) > row - 1 <= upload.counts[0] and row not in rejected:
                desk.expect("office", serial)
    name = upload.name or f"a.{upload.way.name.lower()}"
    answer = await _upload(desk, context_of(upload.type), "office", name, content, **upload.fields)
    found = answer.json()
    desk.hold(each.name, answer.status_code, upload.status)
    found = found.get("receipt", found)
    if "errors" in found:
        desk.hold(each.name, _expected(found), [(upload.field, upload.expected)])
    else:
        names = ("lines", "accepted", "repeated", "rejected", "set_aside")
        desk.hold(each.name, tuple(found[name] for name in names), upload.counts)
        desk.hold(each.name, _rejects(found), [_reject(*reject) for reject in upload.rejects])


async def _send_steps(desk: Desk, each: Input, steps: Steps) -> None:
    serial = desk.serial()
    desk.expect("office", serial, steps.versions)
    for step in steps.steps:
        desk.hold(each.name, await _take_step(desk, step.type or steps.type, serial, step), step.told)


async def _take_step(desk: Desk, type_name: str, serial: str, step: Step) -> tuple[Any, ...]:
    context, source = context_of(type_name), desk.source("office")
    if step.way in ROW_WAYS:
        table = [header(type_name)]
        for change in step.changes:
            cells = change if isinstance(change, Mapping) else {}
            table.append([*{**good_row(type_name, serial), **cells}.values()])
        content = csv_bytes(table) if step.way is CSV else xlsx_bytes(table)
        return _told((await _upload(desk, context, "office", f"a.{step.way.name.lower()}", content)).json())
    raws = []
    for change in step.changes:
        event = good_event(type_name, serial, source)
        if change is not None:
            assert callable(change)
            change(event)
        raws.append(encoded(event))
    if step.way is KAFKA:
        await desk.hand_over(context, *(("office", raw) for raw in raws))
        await desk.taken(context, type_name)
        return ()
    if step.way is NDJSON:
        return _told((await _upload(desk, context, "office", "a.ndjson", b"\n".join(raws))).json())
    if step.way is SINGLE:
        (raw,) = raws
        answer = await desk.post(context, "/events", raw, {"Content-Type": CONTENT_TYPES[SINGLE]})
        return (answer.json()["status"],)
    body = b"[" + b",".join(raws) + b"]" if step.way is ARRAY else b"\n".join(raws)
    answer = await desk.post(context, "/events", body, {"Content-Type": CONTENT_TYPES[step.way]})
    return tuple(item["status"] for item in answer.json()["items"])


def _told(receipt: Mapping[str, Any]) -> tuple[str, ...]:
    # A receipt counts: in this order. Of a file that is refused whole it stands beside the refusal.
    receipt = receipt.get("receipt", receipt)
    names = ("accepted", "repeated", "set_aside", "rejected")
    return tuple(name for name in names for _ in range(receipt[name]))
