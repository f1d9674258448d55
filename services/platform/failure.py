"""What stops a process, which errors are waited out before that, and for how long."""

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable
from typing import TypeVar

import asyncpg
from aiokafka.errors import KafkaError, KafkaTimeoutError

from services.platform.running import pause

T = TypeVar("T")

_LOG = logging.getLogger(__name__)

_FIRST_DELAY = 0.1
_LONGEST_DELAY = 2.0
_SAY_SECONDS = 60.0

# Kafka's retriable errors say so themselves; aiokafka raises these as well when a broker is away.
_POSTGRESQL_AWAY = (
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.TransactionRollbackError,
    asyncpg.LockNotAvailableError,
    # Whoever was frozen in a transaction finds it ended.
    asyncpg.IdleInTransactionSessionTimeoutError,
)
# Of a connection whose server died in the middle of an answer; the last one when it is then rolled back.
_PAST_USE = ("not connected", "cannot switch to state")


class PipelineStoppedError(RuntimeError):
    """The process must stop, and the message says to a person what to do. Nothing was acknowledged."""


class InfrastructureLostError(PipelineStoppedError):
    """PostgreSQL or Kafka stayed away for longer than the process waits."""


def is_infrastructure(error: BaseException) -> bool:
    """Return whether an error says that a server is away or busy, and not that our code is wrong."""
    if isinstance(error, asyncpg.InterfaceError):
        # "connection is closed", "pool is closing"; every other one is a misuse of asyncpg.
        return "clos" in str(error)
    if isinstance(error, asyncpg.TargetServerAttributeNotMatched):
        return True  # several servers are named, and none of those that answer is written to yet
    if isinstance(error, asyncpg.InternalClientError):
        # What asyncpg says where the server died while it was answering: the connection is past use.
        return any(words in str(error) for words in _PAST_USE)
    if isinstance(error, KafkaError):
        # What aiokafka says of a broker that has not answered in time, it does not call retriable.
        named = type(error).__name__
        return bool(error.retriable) or "Connection" in named or isinstance(error, KafkaTimeoutError)
    if isinstance(error, OSError) and error.filename is not None:
        return False  # a file, and no server
    return isinstance(error, (OSError, TimeoutError, *_POSTGRESQL_AWAY))


class Patience:
    """Waits out the failures of a server, up to ``seconds`` in all since the first one; they may be infinite.

    That it waits is said at once and then once a minute, and also that it goes on.
    """

    def __init__(self, seconds: float, what: str) -> None:
        self._seconds = seconds
        self._what = what
        self._since: float | None = None
        self._said: float = -math.inf
        self._delay = _FIRST_DELAY

    async def wait(self, error: BaseException, released: asyncio.Event | None = None) -> None:
        """Wait a little, longer each time, or until ``released``.

        Raises the error itself where waiting cannot help, InfrastructureLostError where the time is over.
        """
        if not is_infrastructure(error):
            raise error
        now = asyncio.get_running_loop().time()
        if self._since is None:
            self._since = now
        # Only the kind of error is told: a server's message may quote a row.
        kind = type(error).__name__
        if now - self._since >= self._seconds:
            raise InfrastructureLostError(
                f"{self._what} gave up after {self._seconds:g} s without PostgreSQL or Kafka ({kind}). "
                "Nothing was acknowledged: start the server, then this process again, which goes on where it "
                "was."
            ) from error
        if now - self._said >= _SAY_SECONDS:
            self._said = now
            _LOG.warning("%s waits since %.0f s: %s", self._what, now - self._since, kind)
        if released is None:
            await asyncio.sleep(self._delay)
        else:
            await pause(self._delay, released)
        self._delay = min(self._delay * 2, _LONGEST_DELAY)

    def reset(self) -> None:
        """The server answered."""
        if self._since is not None:
            _LOG.info("%s goes on after %.0f s", self._what, asyncio.get_running_loop().time() - self._since)
        self._since, self._said = None, -math.inf
        self._delay = _FIRST_DELAY


async def patiently(work: Callable[[], Awaitable[T]], seconds: float, what: str) -> T:
    """Return what ``work`` returns, tried again while a server is away or busy.

    ``work`` must do no harm if it is done twice. Raises InfrastructureLostError after ``seconds``.
    """
    patience = Patience(seconds, what)
    while True:
        try:
            return await work()
        except Exception as error:
            await patience.wait(error)
