"""Files: what an office has anyway, row by row onto the log, with a receipt."""

import asyncio
import pickle
import re
import tempfile
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import aclosing
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import PurePath
from typing import IO
from uuid import UUID

import msgspec

from services.intake.acceptance import Candidate, Outcome
from services.intake.answers import (
    Answer,
    Aside,
    Fault,
    FileRefused,
    Rejection,
    Stopped,
    Unavailable,
    settled,
)
from services.intake.context import Intake
from services.intake.entries import Delivery, Head, Sought, Stated, Statements
from services.intake.envelope import read_event
from services.intake.footers import Numbers
from services.intake.foreign import foreign
from services.intake.mappings import FileMapping
from services.intake.readers import SHARED
from services.intake.reading import Read, read_table
from services.intake.receipts import (
    Receipt,
    Remark,
    Tally,
    leave_incomplete,
    open_receipt,
)
from services.intake.rows import Entry
from services.intake.sentences import Sentence, say
from services.intake.sources import OPERATOR_NAME, Source, unregistered
from services.intake.tables import Doubt
from services.platform.limits import CHUNK_BYTES, EVENT_BYTES, READ_AT_ONCE, REMARKS, ROWS, WRONG_ROWS
from services.platform.protection import ReadableFact
from services.platform.running import to_its_end

_CHUNK = 1000
_UNDER_WAY = 3
"""Chunks of a file on their way at a time: the next are read and sealed while Kafka and PostgreSQL work."""


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


class Unnamed:
    """The rows of a file that have no serial where no batch is declared: said in one sentence for all."""

    def __init__(self) -> None:
        self._rows = Numbers()
        self._first: Remark | None = None

    def without(self, stated: Stated, faults: Sequence[Fault]) -> Sequence[Fault]:
        """Keep the rows of a rejected fact that is unnamed, and return what else is wrong with it."""
        others = [fault for fault in faults if fault.sentence.code != "serial-or-batch"]
        if len(others) < len(faults):
            for number in stated.numbers:
                self._rows.add(number)
            if self._first is None:
                fault = next(fault for fault in faults if fault not in others)
                self._first = stated.report(stated, fault)
        return others

    def say(self, tally: Tally) -> None:
        """Say it, before all else that is said of rejected rows."""
        if self._first is not None:
            first = self._first
            said = say("serial-or-batch").chinese
            tally.reject_first(replace(first, reason=f"第{self._rows}行“{first.column}”：{said}"))


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
    source, name = caller.name or upload.source or OPERATOR_NAME, shown_name(upload.name)
    unnamed = Unnamed()
    # One thread a file: what takes long lets the others be answered meanwhile.
    thread = ThreadPoolExecutor(1, "file")
    lines = PurePath(upload.name).suffix.lower() == ".ndjson"
    opened = _Lines(thread, file, delivery) if lines else _Table(thread, file, delivery, upload, intake)
    try:
        async with aclosing(opened.stated()) as stated:
            first = await anext(stated, None)
            if first is None:
                raise FileRefused(say("no-lines"))
            if not upload.trial:
                await open_receipt(intake.pool, tally, source, intake.context, name)
            try:
                sources = await _take(intake, caller, tally, unnamed, upload, first, stated)
            except (Unavailable, FileRefused) as error:
                unnamed.say(tally)
                if not upload.trial:
                    await leave_incomplete(intake.pool, tally)
                error.receipt = tally.receipt(
                    source=source, context=intake.context, name=name, status="incomplete"
                )
                raise
    finally:
        # Whoever goes away meanwhile leaves it in the middle of a chunk: the file stays open until its end.
        await to_its_end(asyncio.to_thread(thread.shutdown))
    unnamed.say(tally)
    for unknown in await unregistered(intake.pool, caller, sources):
        tally.warn([_doubt(0, "", say("source-unregistered", source=unknown))], lines=0)
    if opened.doubts:
        tally.warn([_doubt(item.row, item.column, item.sentence) for item in opened.doubts], lines=0)
    if not upload.trial:
        await tally.write(intake.pool, "complete")
    return tally.receipt(source=source, context=intake.context, name=name)


async def _take(
    intake: Intake,
    caller: Source,
    tally: Tally,
    unnamed: Unnamed,
    upload: Upload,
    chunk: list[Stated] | None,
    more: AsyncGenerator[list[Stated], None],
) -> set[str]:
    """Put what a file states onto the log, and count every answer, also those after which it stops.

    Return the sources of its facts.
    """
    sources: set[str] = set()
    undone: set[UUID] = set()
    held: list[tuple[Answer, Remark | None, int]] = []
    under_way: deque[tuple[list[Stated], asyncio.Task[Outcome]]] = deque()

    async def oldest() -> None:
        chunk, task = under_way.popleft()
        outcome = await task
        for item, answer in zip(chunk, outcome.answers, strict=True):
            if answer is None:
                continue
            if answer.undoes is not None:
                undone.add(answer.undoes)
            if answer.aside is not None and not answer.new:
                # Whether the file undoes it itself is known at its end only.
                said = _aside(item, answer.aside) if len(held) < REMARKS else None
                held.append((answer, said, len(item.numbers)))
            else:
                _count(tally, unnamed, item, answer)
            if answer.rejection is None:
                sources.add(item.fact.source if isinstance(item.fact, ReadableFact) else upload.source)
        if not outcome.complete:
            raise Unavailable(say("kafka-silent"))
        if tally.counts["rejected"] >= WRONG_ROWS:
            raise FileRefused(say("too-many-wrong-rows", most=WRONG_ROWS))

    stopped: Stopped | None = None
    try:
        try:
            while chunk:
                intake.admission.count(caller.name, len(chunk))
                if any(isinstance(item.fact, Sought) for item in chunk):
                    while under_way:  # the facts that are sought may be among them
                        await oldest()
                under_way.append((chunk, asyncio.ensure_future(_accept(intake, upload, chunk))))
                await asyncio.sleep(0)  # it begins before the next chunk is read
                if len(under_way) == _UNDER_WAY:
                    await oldest()
                chunk = await anext(more, None)
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
    for answer, said, lines in held:
        found = settled(answer, undone)
        tally.add(found, lines=lines)
        if found.aside is not None and said is not None:
            tally.set_aside(said)
    if stopped is not None:
        raise stopped
    return sources


async def _accept(intake: Intake, upload: Upload, chunk: Sequence[Stated]) -> Outcome:
    answers: list[Answer | None] = []
    complete = True
    for sought, together in groupby(chunk, lambda item: isinstance(item.fact, Sought)):
        items = list(together)
        doubts: list[tuple[Fault, ...]] = [()] * len(items)
        if sought:
            # They may stand in the rows before, which are known when these are accepted.
            facts, doubts = await _found(intake, upload, items)
        else:
            facts = [item.fact for item in items]  # type: ignore[misc]
        outcome = await intake.acceptor.accept(facts, trial=upload.trial)
        answers += [
            msgspec.structs.replace(answer, doubts=(*answer.doubts, *said))
            if answer and said and answer.new
            else answer
            for answer, said in zip(outcome.answers, doubts, strict=True)
        ]
        complete &= outcome.complete
    return Outcome(answers, complete)


async def _found(
    intake: Intake, upload: Upload, items: Sequence[Stated]
) -> tuple[list[ReadableFact | Rejection], list[tuple[Fault, ...]]]:
    """Return the voids of facts that had to be found, and what is doubtful about each."""
    sought = [item.fact for item in items if isinstance(item.fact, Sought)]
    found = await intake.acceptor.candidates(upload.source, [(each.serial, each.number) for each in sought])
    # The voids that are there already of facts that are undone: one of them may be this very row.
    there = [
        [each.build(fact.serial, None) for fact in facts if fact.undone]
        for each, facts in zip(sought, found, strict=True)
    ]
    ids = [void.event_id for voids in there for void in voids if isinstance(void, ReadableFact)]
    known = await intake.acceptor.known(ids) if ids else set()
    voids: list[ReadableFact | Rejection] = []
    doubts: list[tuple[Fault, ...]] = []
    for each, facts, before in zip(sought, found, there, strict=True):
        again = [void for void in before if isinstance(void, ReadableFact) and void.event_id in known]
        # Handed over again, it does not undo the fact that has the number now.
        void, said = (again[0], ()) if again else _void(intake, each, facts)
        voids.append(void)
        doubts.append(said)
    return voids, doubts


def _void(
    intake: Intake, sought: Sought, facts: Sequence[Candidate]
) -> tuple[ReadableFact | Rejection, tuple[Fault, ...]]:
    counting = [fact for fact in facts if not fact.undone] or facts
    if len(counting) > 1:
        return Rejection.of("id", say("void-several")), ()
    if not counting:
        if sought.named and sought.serial is not None:
            return sought.build(sought.serial, None), ()  # it may come before its fact
        return Rejection.of("id", say("void-not-found")), ()
    (fact,) = counting
    repeated = sought.repeated(fact.serial)
    if isinstance(repeated, Rejection):
        return sought.build(fact.serial, None), ()  # a void need not repeat all of the fact
    digest = intake.protector.prepare(repeated).digest
    if digest not in fact.versions:
        return sought.build(fact.serial, None), (Fault("", say("void-content-differs")),)
    return sought.build(fact.serial, digest if len(fact.versions) > 1 else None), ()


def shown_name(name: str) -> str:
    """Return a file's name as a receipt may show it: whoever named it may have named a person in it."""
    last = PurePath(name.replace("\\", "/")).name[:128]
    return re.sub(r"[^\x20-\x7e]", "*", re.sub(r"\d{9,}", "*", last)) or "file"


class _Lines:
    """A file of events, one a line. Lines are short, so they are read in this process, and some at a time.

    Not in a thread: the two would hold each other up, and what is heard meanwhile would wait for longer.
    """

    def __init__(self, thread: Executor, file: IO[bytes], delivery: Delivery) -> None:
        self._thread = thread
        self._file = file
        self._delivery = delivery
        self._number = 0
        self.doubts: Sequence[Doubt] = ()

    async def stated(self) -> AsyncGenerator[list[Stated], None]:
        """Yield what the lines state. Raises FileRefused."""
        loop = asyncio.get_running_loop()
        if (refusal := await loop.run_in_executor(self._thread, foreign, self._file)) is not None:
            raise FileRefused(refusal)
        while chunk := await self._chunk():
            yield chunk

    async def _chunk(self) -> list[Stated]:
        chunk: list[Stated] = []
        size, at_once, delivery = 0, 0, self._delivery
        while len(chunk) < _CHUNK and size < CHUNK_BYTES:
            if size - at_once > READ_AT_ONCE:
                at_once = size
                await asyncio.sleep(0)  # the others go on meanwhile
            if not (line := self._file.readline(EVENT_BYTES + 1)):
                break
            self._number += 1
            if self._number > ROWS:
                raise FileRefused(say("too-many-rows", most=ROWS))
            rest = line
            while rest and not rest.endswith(b"\n") and len(rest) > EVENT_BYTES:
                rest = self._file.readline(EVENT_BYTES + 1)  # refused for its length: skip to its end
            if line.strip():
                size += len(line)
                fact = read_event(
                    line, delivery.caller, delivery.context, delivery.horizon, delivery.correlation_id
                )
                chunk.append(Stated((self._number,), fact, _remark_of_line, str))
        return chunk


class _Table:
    """A table, which a process of its own reads: a file may make a parser do anything."""

    def __init__(
        self, thread: Executor, file: IO[bytes], delivery: Delivery, upload: Upload, intake: Intake
    ) -> None:
        self._thread = thread
        self._file = file
        self._delivery = delivery
        self._upload = upload
        self._declared = intake.declaration
        self._key = intake.keys.digest
        self._settings = intake.settings
        self._statements: Statements | None = None
        self.doubts: Sequence[Doubt] = ()

    async def stated(self) -> AsyncGenerator[list[Stated], None]:
        """Yield what the rows state; ``doubts`` are there when all are. Raises FileRefused."""
        delivery, upload, settings = self._delivery, self._upload, self._settings
        asked = Read(
            upload.name,
            self._declared,
            upload.type,
            upload.mapping,
            upload.batch,
            delivery.horizon.day.year + 1,
        )
        loop = asyncio.get_running_loop()
        items = SHARED.read(
            read_table, self._file, asked, memory=settings.reader_memory, seconds=settings.reader_seconds
        )
        async with aclosing(items):
            async for item in items:
                if chunk := await loop.run_in_executor(self._thread, self._state, item):
                    yield chunk

    def _state(self, item: bytes) -> list[Stated]:
        said = pickle.loads(item)  # noqa: S301 - a process of ours wrote it
        if isinstance(said, Head):
            self._statements = Statements(said, self._delivery, self._key)
            return []
        assert self._statements is not None
        if said and isinstance(said[0], Entry):
            return [self._statements.state(entry) for entry in said]
        self.doubts = said
        return []


def _remark_of_line(stated: Stated, fault: Fault) -> Remark:
    (number,) = stated.numbers
    said = fault.sentence
    reason = f"第{number}行 {fault.field}：{said.chinese}"
    return Remark(row=number, column=fault.field, code=said.code, reason=reason, expected=said.english)


def _doubt(row: int, column: str, said: Sentence) -> Remark:
    # About the file, and no single fact of it: the sentence itself names the rows that it is about.
    reason = f"第{row}行{column}：{said.chinese}" if column else said.chinese
    return Remark(row=row, column=column, code=said.code, reason=reason, expected=said.english)


def _aside(stated: Stated, aside: Aside) -> Remark:
    return stated.report(stated, Fault("id", aside.sentence(stated.named)))


def _count(tally: Tally, unnamed: Unnamed, stated: Stated, answer: Answer) -> None:
    lines = len(stated.numbers)
    tally.add(answer, lines=lines)
    if answer.rejection is not None:
        faults = unnamed.without(stated, answer.rejection.faults)
        if tally.has_room("reject"):
            # Two fields of a fact may be one column of the file.
            said = dict.fromkeys(stated.report(stated, fault) for fault in faults)
            tally.reject(list(said))
        return
    if answer.aside is not None and tally.has_room("aside"):
        tally.set_aside(_aside(stated, answer.aside))
    if found := (*stated.doubts, *answer.doubts):
        room = tally.has_room("warning")
        tally.warn([stated.report(stated, doubt) for doubt in found] if room else (), lines=lines)
