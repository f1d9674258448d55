"""Files: what an office has anyway, row by row onto the log, with a receipt."""

import asyncio
import re
import tempfile
from collections import deque
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import PurePath
from typing import IO

from services.platform.intake.acceptance import Outcome
from services.platform.intake.answers import Answer, FileRefused, Rejection, Stopped, Unavailable
from services.platform.intake.context import Intake
from services.platform.intake.envelope import MAX_EVENT_BYTES, read_event
from services.platform.intake.forms import forms_of
from services.platform.intake.receipts import (
    Receipt,
    Reject,
    Tally,
    Warned,
    leave_incomplete,
    open_receipt,
    read_receipt,
)
from services.platform.intake.rows import Delivery, Reader, Stated
from services.platform.intake.sources import OPERATOR_NAME, Source
from services.platform.intake.tables import read_csv, read_xlsx
from services.platform.intake.warnings import FactWarning, warnings_of
from services.platform.protection import ReadableFact

_CHUNK = 1000
_UNDER_WAY = 3
"""Chunks of a file on their way at a time: the next are read and sealed while Kafka and PostgreSQL work."""
_UNREAD = "a header of the form's template: this column is not read"
SUFFIXES = (".csv", ".xlsx", ".ndjson")


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it is handed over.

    ``source`` is the URI that its facts have; ``batch`` the batch number declared with it, for rows without
    a serial (流水号); ``type`` names the form, where the headers alone should not decide.
    """

    name: str
    source: str
    batch: str | None = None
    type: str | None = None


async def spool(chunks: AsyncIterator[bytes]) -> IO[bytes]:
    """Return a file without a name that holds the chunks; it is gone when it is closed."""
    file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
    try:
        async for chunk in chunks:
            file.write(chunk)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file


async def take_file(intake: Intake, caller: Source, upload: Upload, file: IO[bytes]) -> Receipt:
    """Put the good rows of a file onto the log and return the receipt, with the others and why.

    Raises FileRefused where the file cannot be read, Unavailable where Kafka or PostgreSQL went away: the
    receipt is then ``incomplete``, and the same file again goes on with repeats.
    """
    tally = Tally()
    delivery = Delivery(caller, upload.source, intake.context, intake.horizon(), upload.batch, str(tally.id))
    stated, doubts = _read(intake, upload, delivery, file)
    tally.warn(doubts, lines=0)
    name = shown_name(upload.name)
    await open_receipt(intake.pool, tally, caller.name or OPERATOR_NAME, intake.context, name)
    try:
        await _take(intake, tally, stated)
    except (Unavailable, FileRefused) as error:
        await leave_incomplete(intake.pool, tally)
        error.tally = tally
        raise
    await tally.write(intake.pool, "complete")
    receipt = await read_receipt(intake.pool, tally.id)
    assert receipt is not None
    return receipt


async def _take(intake: Intake, tally: Tally, stated: Iterator[Stated]) -> None:
    """Put what a file states onto the log, and count every answer, also those after which it stops."""
    under_way: deque[tuple[list[Stated], asyncio.Task[Outcome]]] = deque()

    async def oldest() -> None:
        chunk, task = under_way.popleft()
        outcome = await task
        for item, answer in zip(chunk, outcome.answers, strict=True):
            if answer is not None:
                _count(tally, item, answer)
        if not outcome.complete:
            raise Unavailable("Kafka did not acknowledge in time")

    stopped: Stopped | None = None
    try:
        try:
            for chunk in _chunks(stated):
                accepting = intake.acceptor.accept([item.fact for item in chunk])
                under_way.append((chunk, asyncio.ensure_future(accepting)))
                await asyncio.sleep(0)  # it begins before the next chunk is read
                if len(under_way) == _UNDER_WAY:
                    await oldest()
        except Stopped as error:
            stopped = error
        while under_way:
            try:
                await oldest()
            except Stopped as error:
                stopped = stopped or error
    finally:
        for _, task in under_way:
            task.cancel()
        await asyncio.gather(*(task for _, task in under_way), return_exceptions=True)
    if stopped is not None:
        raise stopped


def shown_name(name: str) -> str:
    """Return a file's name as a receipt may show it: whoever named it may have named a person in it."""
    last = PurePath(name.replace("\\", "/")).name[:128]
    return re.sub(r"[^\x20-\x7e]", "*", re.sub(r"\d{9,}", "*", last)) or "file"


def _read(
    intake: Intake, upload: Upload, delivery: Delivery, file: IO[bytes]
) -> tuple[Iterator[Stated], list[Warned]]:
    """Return what the file states, and what looks wrong in it whatever its rows say."""
    suffix = PurePath(upload.name).suffix.lower()
    if suffix == ".ndjson":
        return _lines(file, delivery), []
    forms = [form for form in forms_of(delivery.context) if upload.type is None or form.type == upload.type]
    if not forms:
        raise FileRefused(f"a type of which there is a form, in the context {delivery.context}")
    if suffix == ".csv":
        table = read_csv(file, forms)
    elif suffix == ".xlsx":
        table = read_xlsx(file, forms)
    else:
        raise FileRefused("a file name that ends in " + ", ".join(SUFFIXES))
    # A header that is written otherwise would lose what its column says, and nobody would notice.
    doubts = [Warned(table.header_row, column, _UNREAD) for column in table.unread]
    return Reader(table, delivery, intake.keys.digest).facts(), doubts


def _lines(file: IO[bytes], delivery: Delivery) -> Iterator[Stated]:
    number = 0
    while line := file.readline(MAX_EVENT_BYTES + 1):
        number += 1
        rest = line
        while rest and not rest.endswith(b"\n") and len(rest) > MAX_EVENT_BYTES:
            rest = file.readline(MAX_EVENT_BYTES + 1)  # the line is refused for its length: skip to its end
        if line.strip():
            fact = read_event(
                line, delivery.caller, delivery.context, delivery.horizon, delivery.correlation_id
            )
            yield Stated((number,), fact, _report_line)


def _report_line(stated: Stated, rejection: Rejection) -> Reject:
    return Reject(stated.numbers[0], rejection.field, "", f"expected {rejection.expected}")


def _chunks(stated: Iterator[Stated]) -> Iterator[list[Stated]]:
    while chunk := list(islice(stated, _CHUNK)):
        yield chunk


def _count(tally: Tally, stated: Stated, answer: Answer) -> None:
    lines = len(stated.numbers)
    tally.add(answer, lines=lines)
    if answer.error is not None:
        tally.rejects.append(stated.report(stated, answer.error))
    elif isinstance(stated.fact, ReadableFact) and (found := warnings_of(stated.fact)):
        tally.warn([_placed(stated, item) for item in found], lines=lines)


def _placed(stated: Stated, warning: FactWarning) -> Warned:
    # A warning stands where a refusal of the same field would.
    place = stated.report(stated, Rejection(warning.field, warning.warning))
    return Warned(place.row, place.column, warning.warning)
