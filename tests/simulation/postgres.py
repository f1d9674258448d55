"""A model of PostgreSQL at the seam of asyncpg: sessions, transactions, locks, and lines that fail.

Transactions are READ COMMITTED: a statement sees what was committed when it began, and whatever it locks as
it is then. It knows the statements that ``statements`` lists, and how each works on rows that are kept in
memory; ``test_contract`` holds them to the real server.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any

import asyncpg

from tests.simulation.choices import Choices
from tests.simulation.faults import UNANSWERED, UNSENT, Faults
from tests.simulation.loop import Process, SimulatedLoop

Key = tuple[Any, ...]
Row = dict[str, Any]

LOCK_SECONDS, IDLE_SECONDS = 5.0, 8.0
"""What ``open_pool`` asks of a lively session: how long it waits for a lock, and stands in a transaction."""

_SCHEMA = re.compile(r'(?<=from )"?(owner|detection_g\d+)"?\.')
SHARED, ALONE = "shared", "alone"


class Record(tuple[Any, ...]):
    """A row of an answer, as asyncpg gives it."""

    names: tuple[str, ...]

    @classmethod
    def of(cls, names: tuple[str, ...], values: Iterable[Any]) -> Record:
        """Make a row."""
        made = cls(values)
        made.names = names
        return made

    def __getitem__(self, key: Any) -> Any:
        return super().__getitem__(self.names.index(key) if isinstance(key, str) else key)

    def keys(self) -> tuple[str, ...]:
        """Names of columns."""
        return self.names

    def values(self) -> Iterator[Any]:
        """Values of columns."""
        return iter(self)

    def items(self) -> Iterator[tuple[str, Any]]:
        """Names and values."""
        return zip(self.names, self, strict=True)

    def get(self, key: str, default: Any = None) -> Any:
        """A value."""
        return self[key] if key in self.names else default


Answer = int | list[Any] | None
"""How many rows were written, or the rows that are returned."""
Lock = tuple[Any, ...]
Waits = Generator[tuple[Lock, str], None, Answer]
"""A statement that waits for locks, of which it says which, and how."""


@dataclass(frozen=True, slots=True)
class Statement:
    """How a statement works: ``columns`` of what it returns."""

    work: Callable[..., Answer | Waits]
    columns: tuple[str, ...]
    verb: str


@dataclass(eq=False, slots=True)
class Transaction:
    """What a session has done since it began, and has not committed."""

    server: Server
    lively: bool = False
    written: dict[str, dict[Key, Row | None]] = field(default_factory=lambda: defaultdict(dict))
    locks: list[Lock] = field(default_factory=list)
    is_open: bool = False
    """Begun by a client, rather than one statement's own."""
    failed: bool = False
    seen: int = 0
    """The last commit that the statement in work sees."""
    began: float = 0.0
    """When it began, in seconds of the loop."""
    session: Session | None = None

    def rows(self, table: str) -> list[Row]:
        """The rows of a table that the statement sees, in the order in which they were added."""
        own = self.written.get(table)
        seen = self.seen
        found = []
        for key, versions in self.server.tables[table].items():
            if own and key in own:
                continue
            for number, row in reversed(versions):
                if number <= seen:
                    if row is not None:
                        found.append(row)
                    break
        if own:
            found += [row for row in own.values() if row is not None]
        return found

    def latest(self, table: str, key: Key) -> Row | None:
        """A row as it is committed by now, or as this transaction has written it."""
        own = self.written.get(table)
        if own is not None and key in own:
            return own[key]
        versions = self.server.tables[table].get(key)
        return versions[-1][1] if versions else None

    def lock(self, table: str, key: Key) -> Waits:
        """Wait for a row, or the place of one; then ``latest`` says how it stands."""
        yield ("row", table, key), ALONE
        return None

    def try_lock(self, lock: Lock) -> bool:
        """Take a lock if nobody else has it."""
        held = self.server.locks.get(lock)
        if held is None:
            held = self.server.locks[lock] = _Held()
        if self in held.holders:
            return len(held.holders) == 1
        if held.holders or held.waiting:
            return False
        held.holders[self] = ALONE
        self.locks.append(lock)
        return True

    def unlock(self, lock: Lock) -> None:
        """Give a lock back before the transaction ends."""
        self.locks.remove(lock)
        self.server.release(self, lock)

    def write(self, table: str, key: Key, row: Row | None) -> None:
        """Write a row that is locked; None deletes it."""
        self.written[table][key] = row

    def number(self, name: str) -> int:
        """The next of a sequence, which no rollback takes back."""
        self.server.sequences[name] += 1
        return self.server.sequences[name]


@dataclass(eq=False, slots=True)
class _Held:
    holders: dict[Transaction, str] = field(default_factory=dict)
    waiting: deque[tuple[Transaction, str, _Running]] = field(default_factory=deque)


@dataclass(eq=False, slots=True)
class _Running:
    """A statement in work, whose answer somebody waits for; ``timer``: after which it waits no longer."""

    session: Session
    work: Waits
    statement: Statement
    answer: asyncio.Future[Any]
    waits_for: Lock | None = None
    timer: Any = None


def _nobody() -> None:
    """Nobody waits."""


class Session:
    """The server's end of a connection."""

    def __init__(self, server: Server, *, lively: bool) -> None:
        self.server = server
        self.lively = lively
        self.is_over = False
        self.why: Exception | None = None
        self.transaction = Transaction(server, lively, session=self)
        self.kept: list[Lock] = []
        """Locks that stay for as long as the session does."""
        self.running: _Running | None = None
        self.lose: Callable[[], None] = _nobody
        """Tells the client that no answer comes to what it has asked."""

    def end(self, why: Exception | None = None) -> None:
        """End it: what is not committed is undone."""
        if not self.is_over:
            self.is_over = True
            self.why = why
            self.server.abandon(self)
            self.server.finish(self.transaction, commits=False)
            for lock in self.kept:
                self.server.release(self.transaction, lock)
            self.lose()


class Server:
    """PostgreSQL: tables by name, each row by its key with all its versions."""

    def __init__(
        self,
        loop: SimulatedLoop,
        choices: Choices,
        faults: Faults,
        statements: Mapping[str, Statement],
    ) -> None:
        self.loop = loop
        self.choices = choices
        self.faults = faults
        self.process = loop.process("postgres")
        self.tables: dict[str, dict[Key, list[tuple[int, Row | None]]]] = defaultdict(dict)
        self.sequences: Counter[str] = Counter()
        self.commits = 0
        self.locks: dict[Lock, _Held] = {}
        self.sessions: dict[Session, None] = {}
        self.is_up = True
        self.committed: list[Callable[[Mapping[str, Mapping[Key, Row | None]]], None]] = []
        """Told of what each commit writes, in their order."""
        self._statements = statements
        self._known: dict[str, Statement] = {}

    # What a test looks at

    def rows(self, table: str) -> list[Row]:
        """The committed rows of a table."""
        return [row for versions in self.tables[table].values() if (row := versions[-1][1]) is not None]

    def latest(self, table: str, key: Key) -> Row | None:
        """A committed row of a table."""
        versions = self.tables[table].get(key)
        return versions[-1][1] if versions else None

    def put(self, table: str, key: Key, row: Row) -> None:
        """Put a row there before anything begins."""
        self.tables[table][key] = [(0, row)]

    def go(self) -> None:
        """Die: every session ends, and nobody is let in until it comes back."""
        self.is_up = False
        for session in list(self.sessions):
            session.end()
        self.sessions.clear()

    def come(self) -> None:
        """Come back, with all that was committed."""
        self.is_up = True

    # Statements

    def statement(self, query: str) -> Statement:
        """How a statement works. Raises NotImplementedError where the model does not know it."""
        found = self._known.get(query)
        if found is None:
            words = _SCHEMA.sub("", " ".join(query.split()).lower())
            names = [name for name in self._statements if words.startswith(name)]
            if not names:
                raise NotImplementedError(f"the model of PostgreSQL does not know: {words}")
            found = self._known[query] = self._statements[max(names, key=len)]
        return found

    def run(
        self, session: Session, statement: Statement, args: Sequence[Any], answer: asyncio.Future[Any]
    ) -> None:
        """Work a statement off: now, or when its locks are free."""
        transaction = session.transaction
        if transaction.failed:
            _raise(answer, asyncpg.InFailedSQLTransactionError("current transaction is aborted"))
            return
        transaction.seen = self.commits
        if not transaction.is_open:
            transaction.began = self.loop.time()
        try:
            found = statement.work(transaction, *args)
        except asyncpg.PostgresError as error:
            self._fail(session, answer, error)
            return
        if isinstance(found, Generator):
            session.running = _Running(session, found, statement, answer)
            self._go_on(session.running)
        else:
            self._answer(session, statement, found, answer)

    def _go_on(self, running: _Running) -> None:
        session = running.session
        transaction = session.transaction
        while True:
            try:
                lock, mode = next(running.work)
            except StopIteration as end:
                session.running = None
                self._answer(session, running.statement, end.value, running.answer)
                return
            except asyncpg.PostgresError as error:
                session.running = None
                self._fail(session, running.answer, error)
                return
            held = self.locks.get(lock)
            if held is None:
                held = self.locks[lock] = _Held()
            if transaction in held.holders:
                if mode == ALONE:
                    held.holders[transaction] = ALONE
                continue
            if not held.waiting and _compatible(held, mode):
                held.holders[transaction] = mode
                transaction.locks.append(lock)
                continue
            held.waiting.append((transaction, mode, running))
            running.waits_for = lock
            if self._goes_round(transaction):
                self.abandon(session)
                self._fail(session, running.answer, asyncpg.DeadlockDetectedError("deadlock detected"))
            elif transaction.lively:
                running.timer = self.loop.call_for(self.process, LOCK_SECONDS, self._too_long, running)
            return

    def _too_long(self, running: _Running) -> None:
        session = running.session
        if session.running is running:
            self.abandon(session)
            self._fail(session, running.answer, asyncpg.LockNotAvailableError("lock timeout"))

    def _goes_round(self, first: Transaction) -> bool:
        """Whether a transaction waits, over others, for itself."""
        seen: set[Transaction] = set()
        left = [first]
        while left:
            session = left.pop().session
            running = None if session is None else session.running
            if running is None or running.waits_for is None:
                continue
            for holder in self.locks[running.waits_for].holders:
                if holder is first:
                    return True
                if holder not in seen:
                    seen.add(holder)
                    left.append(holder)
        return False

    def abandon(self, session: Session) -> None:
        """Work on a session's statement no more."""
        running, session.running = session.running, None
        if running is None:
            return
        if running.timer is not None:
            running.timer.cancel()
        if running.waits_for is not None:
            held = self.locks[running.waits_for]
            held.waiting = deque(one for one in held.waiting if one[2] is not running)
            self._grant(running.waits_for)

    def _answer(
        self, session: Session, statement: Statement, found: Answer, answer: asyncio.Future[Any]
    ) -> None:
        if isinstance(found, list):
            names = statement.columns
            shown: Any = [row if isinstance(row, Record) else Record.of(names, row) for row in found]
        else:
            shown = f"{statement.verb} {found}"
        if not session.transaction.is_open:
            self.finish(session.transaction, commits=True)
        _give(answer, shown)

    def _fail(self, session: Session, answer: asyncio.Future[Any], error: Exception) -> None:
        self.abort(session)
        _raise(answer, error)

    def abort(self, session: Session) -> None:
        """Undo what is open: its locks are free at once, and its client has yet to say that it ends."""
        was_open = session.transaction.is_open
        self.finish(session.transaction, commits=False)
        session.transaction.is_open = session.transaction.failed = was_open

    # Transactions and locks

    def begin(self, session: Session, answer: asyncio.Future[Any]) -> None:
        """Begin a transaction."""
        session.transaction.is_open = True
        session.transaction.began = self.loop.time()
        _give(answer, "BEGIN")

    def end(self, session: Session, commits: bool, answer: asyncio.Future[Any]) -> None:
        """Commit or roll back."""
        transaction = session.transaction
        commits = commits and not transaction.failed
        self.finish(transaction, commits=commits)
        _give(answer, "COMMIT" if commits else "ROLLBACK")

    def finish(self, transaction: Transaction, *, commits: bool) -> None:
        """End a transaction: its rows are seen or gone, and its locks free."""
        written = transaction.written
        if commits and written:
            self.commits += 1
            for table, rows in written.items():
                kept = self.tables[table]
                for key, row in rows.items():
                    kept.setdefault(key, []).append((self.commits, row))
            for told in self.committed:
                told(written)
        if written:
            transaction.written = defaultdict(dict)
        transaction.is_open = transaction.failed = False
        locks, transaction.locks = transaction.locks, []
        for lock in locks:
            self.release(transaction, lock)

    def release(self, transaction: Transaction, lock: Lock) -> None:
        """Free a lock, and let those go on who wait for it."""
        held = self.locks.get(lock)
        if held is not None:
            held.holders.pop(transaction, None)
            self._grant(lock)

    def _grant(self, lock: Lock) -> None:
        held = self.locks[lock]
        while held.waiting and _compatible(held, held.waiting[0][1]):
            transaction, mode, running = held.waiting.popleft()
            held.holders[transaction] = mode
            transaction.locks.append(lock)
            running.waits_for = None
            if running.timer is not None:
                running.timer.cancel()
                running.timer = None
            self.loop.call_for(self.process, 0, self._resume, running)
        if not held.holders and not held.waiting:
            del self.locks[lock]

    def _resume(self, running: _Running) -> None:
        if running.session.running is running:
            self._go_on(running)

    def keep(self, session: Session, lock: Lock) -> bool:
        """Try to take a lock for as long as the session lasts."""
        held = self.locks.setdefault(lock, _Held())
        if held.waiting or not _compatible(held, ALONE):
            return session.transaction in held.holders
        held.holders[session.transaction] = ALONE
        session.kept.append(lock)
        return True


def _compatible(held: _Held, mode: str) -> bool:
    return not held.holders or (mode == SHARED and ALONE not in held.holders.values())


def _give(answer: asyncio.Future[Any], shown: Any) -> None:
    if not answer.done():
        answer.set_result(shown)


def _raise(answer: asyncio.Future[Any], error: Exception) -> None:
    if not answer.done():
        answer.set_exception(error)


_LOST = "connection was closed in the middle of operation"


class ModelConnection:
    """The client's end, as asyncpg's connection. Every call goes there and back, or not all the way."""

    def __init__(self, server: Server, *, lively: bool) -> None:
        self._server = server
        self._loop = server.loop
        self._process: Process = server.loop.current
        self._session = Session(server, lively=lively)
        server.sessions[self._session] = None
        self._closed = False
        self._arrives = 0.0
        self._process.ended.append(self._vanished)
        self._process.stopped.append(self._stopped)

    def is_closed(self) -> bool:
        """Whether it is closed, as far as the client knows."""
        return self._closed or (self._session.is_over and self._session.why is None)

    def terminate(self) -> None:
        """Close it at once."""
        self._closed = True
        self._loop.call_for(self._server.process, 0, self._over)

    async def close(self, *, timeout: float | None = None) -> None:
        """Close it."""
        self.terminate()

    def _over(self) -> None:
        self._session.end()
        self._server.sessions.pop(self._session, None)

    def _vanished(self) -> None:
        # A process that dies is missed at once; a machine, after some seconds.
        seconds = (0.0, 1.0, LOCK_SECONDS)[self._server.choices.weighted((6, 1, 1))]
        self._loop.call_for(self._server.process, seconds, self._over)

    def _stopped(self) -> None:
        if self._session.lively and self._session.transaction.is_open:
            self._loop.call_for(self._server.process, IDLE_SECONDS, self._idled, self._session.transaction)

    def _idled(self, transaction: Transaction) -> None:
        if transaction.is_open and self._process.frozen:
            self._session.end(asyncpg.IdleInTransactionSessionTimeoutError("idle in transaction"))

    async def _ask(self, act: Callable[..., None], *args: Any) -> Any:
        """Let the server act, and return its answer. The line may fail before that, or after it."""
        session, server, loop = self._session, self._server, self._loop
        if self.is_closed() or loop.is_closed():
            raise asyncpg.InterfaceError("connection is closed")
        if session.is_over:
            self._closed = True
            raise session.why or asyncpg.ConnectionDoesNotExistError(_LOST)
        fate, there, back = server.faults.line()
        heard: asyncio.Future[Any] = loop.create_future()
        done: asyncio.Future[Any] = loop.create_future()
        gave_up = False

        def arrive() -> None:
            if session.is_over:
                lose()
            elif fate == UNSENT:
                loop.call_for(server.process, server.faults.unnoticed(), self._over)
                lose()
            elif gave_up:
                server.abort(session)
            else:
                act(session, *args, done)

        def lose() -> None:
            session.lose = _nobody
            loop.call_for(self._process, back, _raise, heard, asyncpg.ConnectionDoesNotExistError(_LOST))

        def answer(_: asyncio.Future[Any]) -> None:
            if fate == UNANSWERED:
                self._over()
            elif not session.is_over:
                session.lose = _nobody
                loop.call_for(self._process, back, hear)

        def hear() -> None:
            if not heard.done():
                if (error := done.exception()) is not None:
                    heard.set_exception(error)
                else:
                    heard.set_result(done.result())

        session.lose = lose
        done.add_done_callback(answer, context=server.process.context)
        self._arrives = max(loop.time() + there, self._arrives)
        loop.call_at(self._arrives, arrive, context=server.process.context)
        try:
            return await heard
        except asyncio.CancelledError:
            # As asyncpg does: the server is asked to give up, which may come too late.
            if not server.choices.once_in(2):
                gave_up = True
                if session.running is not None and session.running.answer is done:
                    server.abandon(session)
                    server.abort(session)
            raise
        except asyncpg.ConnectionDoesNotExistError:
            self._closed = True
            raise

    async def _rows(self, query: str, args: Sequence[Any]) -> Any:
        server = self._server
        return await self._ask(server.run, server.statement(query), args)

    async def execute(self, query: str, *args: Any) -> str:
        """Run a statement; return its tag."""
        found = await self._rows(query, args)
        return found if isinstance(found, str) else f"SELECT {len(found)}"

    async def executemany(self, query: str, args: Iterable[Sequence[Any]]) -> None:
        """Run a statement for many arguments."""
        for one in args:
            await self._rows(query, one)

    async def fetch(self, query: str, *args: Any) -> list[Any]:
        """Return all rows."""
        return list(await self._rows(query, args))

    async def fetchrow(self, query: str, *args: Any) -> Any:
        """Return the first row."""
        found = await self._rows(query, args)
        return found[0] if found and not isinstance(found, str) else None

    async def fetchval(self, query: str, *args: Any) -> Any:
        """Return the first value."""
        row = await self.fetchrow(query, *args)
        return None if row is None else row[0]

    async def copy_records_to_table(
        self,
        table_name: str,
        *,
        records: Iterable[Sequence[Any]],
        columns: Sequence[str] | None = None,
        schema_name: str | None = None,
    ) -> str:
        """Add rows."""
        rows = [dict(zip(columns or (), one, strict=True)) for one in records]
        return str(await self._ask(self._server.run, self._server.statement(f"copy {table_name}"), (rows,)))

    def transaction(self, *, isolation: str | None = None, readonly: bool = False) -> _Block:
        """Begin a transaction."""
        return _Block(self)

    async def begin(self) -> None:
        """Begin."""
        await self._ask(self._server.begin)

    async def end(self, commits: bool) -> None:
        """Commit or roll back."""
        await self._ask(self._server.end, commits)


class _Block:
    def __init__(self, connection: ModelConnection) -> None:
        self._connection = connection

    async def __aenter__(self) -> None:
        await self._connection.begin()

    async def __aexit__(self, kind: Any, error: Any, trace: Any) -> None:
        await self._connection.end(kind is None)


class ModelPool:
    """asyncpg's pool, of a process that has a model of the server at the other end."""

    def __init__(self, server: Server, *, size: int = 4, lively: bool = True) -> None:
        self._server = server
        self._lively = lively
        self._idle: list[ModelConnection] = []
        self._free = asyncio.Semaphore(size)

    def acquire(self, *, timeout: float | None = None) -> AbstractAsyncContextManager[Any]:
        """Lend a connection."""
        return _Lent(self, timeout)

    async def take(self, timeout: float | None) -> ModelConnection:
        """Take a connection that is idle, or a new one."""
        if self._free.locked() and timeout is not None:
            async with asyncio.timeout(timeout):
                await self._free.acquire()
        else:
            await self._free.acquire()
        try:
            while self._idle:
                connection = self._idle.pop()
                if not connection.is_closed():
                    return connection
            return await connect(self._server, lively=self._lively)
        except BaseException:
            self._free.release()
            raise

    def give(self, connection: ModelConnection) -> None:
        """Take a connection back."""
        if not connection.is_closed():
            self._idle.append(connection)
        self._free.release()

    async def close(self) -> None:
        """Close every connection."""
        self.terminate()

    def terminate(self) -> None:
        """Close every connection at once."""
        for connection in self._idle:
            connection.terminate()
        self._idle.clear()

    async def execute(self, query: str, *args: Any) -> str:
        """Run a statement."""
        async with self.acquire() as connection:
            return str(await connection.execute(query, *args))

    async def executemany(self, query: str, args: Iterable[Sequence[Any]]) -> None:
        """Run a statement for many arguments."""
        async with self.acquire() as connection:
            await connection.executemany(query, args)

    async def fetch(self, query: str, *args: Any) -> list[Any]:
        """Return all rows."""
        async with self.acquire() as connection:
            return list(await connection.fetch(query, *args))

    async def fetchrow(self, query: str, *args: Any) -> Any:
        """Return the first row."""
        async with self.acquire() as connection:
            return await connection.fetchrow(query, *args)

    async def fetchval(self, query: str, *args: Any) -> Any:
        """Return the first value."""
        async with self.acquire() as connection:
            return await connection.fetchval(query, *args)


class _Lent:
    def __init__(self, pool: ModelPool, timeout: float | None) -> None:
        self._pool = pool
        self._timeout = timeout
        self._connection: ModelConnection | None = None

    async def __aenter__(self) -> ModelConnection:
        self._connection = await self._pool.take(self._timeout)
        return self._connection

    async def __aexit__(self, kind: Any, error: Any, trace: Any) -> None:
        assert self._connection is not None
        self._pool.give(self._connection)


async def connect(server: Server, *, lively: bool = False) -> ModelConnection:
    """Connect. Raises ConnectionRefusedError while the server is away."""
    await asyncio.sleep(server.faults.delay())
    if not server.is_up or server.loop.is_closed():
        raise ConnectionRefusedError("nobody listens")
    return ModelConnection(server, lively=lively)
