"""Files: what an office has anyway, row by row onto the log, with a receipt."""

import asyncio
import re
import tempfile
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import groupby, islice
from pathlib import PurePath
from typing import IO

from services.platform.intake.acceptance import Candidate, Outcome
from services.platform.intake.answers import Answer, Fault, FileRefused, Rejection, Stopped, Unavailable
from services.platform.intake.context import Intake
from services.platform.intake.envelope import MAX_EVENT_BYTES, read_event
from services.platform.intake.foreign import foreign
from services.platform.intake.forms import Form, forms_of
from services.platform.intake.mappings import FileMapping
from services.platform.intake.receipts import (
    Receipt,
    Remark,
    Tally,
    leave_incomplete,
    open_receipt,
)
from services.platform.intake.rows import Delivery, Reader, Sought, Stated
from services.platform.intake.sentences import Sentence, say
from services.platform.intake.sources import OPERATOR_NAME, Source
from services.platform.intake.tables import Table, read_csv, read_xlsx
from services.platform.protection import ReadableFact
from services.platform.running import to_its_end

_CHUNK = 1000
_UNDER_WAY = 3
"""Chunks of a file on their way at a time: the next are read and sealed while Kafka and PostgreSQL work."""
SUFFIXES = (".csv", ".xlsx", ".ndjson")


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file as it is handed over.

    ``source`` is the URI that its facts have; ``batch`` the batch number declared with it, for rows without
    a serial (流水号); ``type`` names the form, where the headers alone should not decide; ``mapping`` says
    how a file of the office's own fills it. Of a ``trial`` it is said what would become of it; nothing goes
    onto the log.
    """

    name: str
    source: str
    batch: str | None = None
    type: str | None = None
    mapping: FileMapping | None = None
    trial: bool = False


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
    delivery = Delivery(
        caller=caller,
        source=upload.source,
        context=intake.context,
        horizon=intake.horizon(),
        batch=upload.batch,
        correlation_id=str(tally.id),
    )
    source, name = caller.name or OPERATOR_NAME, shown_name(upload.name)
    # One thread a file: a parser that works for seconds lets the others be answered meanwhile.
    reading = ThreadPoolExecutor(1, "file")
    try:
        loop = asyncio.get_running_loop()
        stated, table = await loop.run_in_executor(reading, _open, intake, upload, delivery, file)

        async def chunk() -> list[Stated]:
            return await loop.run_in_executor(reading, lambda: list(islice(stated, _CHUNK)))

        first = await chunk()
        if not first:
            raise FileRefused(say("no-lines"))
        if not upload.trial:
            await open_receipt(intake.pool, tally, source, intake.context, name)
        try:
            await _take(intake, tally, upload, first, chunk)
        except (Unavailable, FileRefused) as error:
            if not upload.trial:
                await leave_incomplete(intake.pool, tally)
                error.receipt = tally.receipt(
                    source=source, context=intake.context, name=name, status="incomplete"
                )
            raise
    finally:
        # Whoever goes away meanwhile leaves it in the middle of a chunk: the file stays open until its end.
        await to_its_end(asyncio.to_thread(reading.shutdown))
    if table is not None:
        tally.warn([_doubt(item.row, item.column, item.sentence) for item in table.doubts], lines=0)
    if not upload.trial:
        await tally.write(intake.pool, "complete")
    return tally.receipt(source=source, context=intake.context, name=name)


async def _take(
    intake: Intake,
    tally: Tally,
    upload: Upload,
    chunk: list[Stated],
    more: Callable[[], Awaitable[list[Stated]]],
) -> None:
    """Put what a file states onto the log, and count every answer, also those after which it stops."""
    under_way: deque[tuple[list[Stated], asyncio.Task[Outcome]]] = deque()

    async def oldest() -> None:
        chunk, task = under_way.popleft()
        outcome = await task
        for item, answer in zip(chunk, outcome.answers, strict=True):
            if answer is not None:
                _count(tally, item, answer)
        if not outcome.complete:
            raise Unavailable(say("kafka-silent"))

    stopped: Stopped | None = None
    try:
        try:
            while chunk:
                if any(isinstance(item.fact, Sought) for item in chunk):
                    while under_way:  # the facts that are sought may be among them
                        await oldest()
                under_way.append((chunk, asyncio.ensure_future(_accept(intake, upload, chunk))))
                await asyncio.sleep(0)  # it begins before the next chunk is read
                if len(under_way) == _UNDER_WAY:
                    await oldest()
                chunk = await more()
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


async def _accept(intake: Intake, upload: Upload, chunk: Sequence[Stated]) -> Outcome:
    answers: list[Answer | None] = []
    complete = True
    for sought, together in groupby(chunk, lambda item: isinstance(item.fact, Sought)):
        items = list(together)
        # Facts that are sought may stand in the rows before, which are known when these are accepted.
        facts = await _found(intake, upload, items) if sought else [item.fact for item in items]
        outcome = await intake.acceptor.accept(facts, trial=upload.trial)  # type: ignore[arg-type]
        answers += outcome.answers
        complete &= outcome.complete
    return Outcome(answers, complete)


async def _found(intake: Intake, upload: Upload, items: Sequence[Stated]) -> list[ReadableFact | Rejection]:
    sought = [item.fact for item in items if isinstance(item.fact, Sought)]
    found = await intake.acceptor.candidates(upload.source, [(each.serial, each.number) for each in sought])
    # The voids that are there already of facts that are undone: one of them may be this very row.
    there = [
        [each.build(fact.serial) for fact in facts if fact.undone]
        for each, facts in zip(sought, found, strict=True)
    ]
    ids = [void.event_id for voids in there for void in voids if isinstance(void, ReadableFact)]
    known = await intake.acceptor.known(ids) if ids else set()
    return [
        _void(
            each, facts, [void for void in voids if isinstance(void, ReadableFact) and void.event_id in known]
        )
        for each, facts, voids in zip(sought, found, there, strict=True)
    ]


def _void(
    sought: Sought, facts: Sequence[Candidate], there: Sequence[ReadableFact]
) -> ReadableFact | Rejection:
    if there:
        # Handed over again: it does not undo the fact that has the number now.
        return there[0]
    counting = [fact.serial for fact in facts if not fact.undone] or [fact.serial for fact in facts]
    if len(counting) == 1:
        return sought.build(counting[0])
    return Rejection.of("id", say("void-several" if counting else "void-not-found"))


def shown_name(name: str) -> str:
    """Return a file's name as a receipt may show it: whoever named it may have named a person in it."""
    last = PurePath(name.replace("\\", "/")).name[:128]
    return re.sub(r"[^\x20-\x7e]", "*", re.sub(r"\d{9,}", "*", last)) or "file"


def _open(
    intake: Intake, upload: Upload, delivery: Delivery, file: IO[bytes]
) -> tuple[Iterator[Stated], Table | None]:
    """Return what the file states, and the table that it is, if it is one."""
    suffix = PurePath(upload.name).suffix.lower()
    if (refusal := foreign(file)) is not None:
        raise FileRefused(refusal)
    if suffix == ".ndjson":
        return _lines(file, delivery), None
    mapping = upload.mapping
    forms: list[Form] = [
        form for form in forms_of(delivery.context) if upload.type is None or form.type == upload.type
    ]
    if mapping is not None:
        forms = [mapping.layout] if mapping.form in forms else []
    if not forms:
        raise FileRefused(say("form-type", context=delivery.context))
    if suffix == ".csv":
        table = read_csv(file, forms)
    elif suffix == ".xlsx":
        table = read_xlsx(file, forms)
    else:
        raise FileRefused(say("suffix", suffixes=", ".join(SUFFIXES)))
    if mapping is not None:
        table = mapping.completed(table, upload.name)
    return Reader(table, delivery, intake.keys.digest).facts(), table


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
            yield Stated((number,), fact, _remark_of_line, str)


def _remark_of_line(stated: Stated, fault: Fault) -> Remark:
    (number,) = stated.numbers
    said = fault.sentence
    reason = f"第{number}行 {fault.field}：{said.chinese}"
    return Remark(row=number, column=fault.field, code=said.code, reason=reason, expected=said.english)


def _doubt(row: int, column: str, said: Sentence) -> Remark:
    # About the file, and no single fact of it: the sentence itself names the rows that it is about.
    reason = f"第{row}行{column}：{said.chinese}" if column else said.chinese
    return Remark(row=row, column=column, code=said.code, reason=reason, expected=said.english)


def _count(tally: Tally, stated: Stated, answer: Answer) -> None:
    lines = len(stated.numbers)
    tally.add(answer, lines=lines)
    if answer.rejection is not None:
        # Two fields of a fact may be one column of the file.
        tally.reject(list(dict.fromkeys(stated.report(stated, fault) for fault in answer.rejection.faults)))
        return
    if answer.aside is not None:
        tally.set_aside(stated.report(stated, Fault("id", answer.aside.sentence(stated.named))))
    if found := (*stated.doubts, *answer.doubts):
        tally.warn([stated.report(stated, doubt) for doubt in found], lines=lines)
