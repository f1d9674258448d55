"""Which errors are waited out, since a server is away, and which say that our code is wrong."""

import asyncpg
import pytest
from aiokafka.errors import (
    KafkaConnectionError,
    KafkaTimeoutError,
    MessageSizeTooLargeError,
    NotLeaderForPartitionError,
)

from services.platform.failure import is_infrastructure


@pytest.mark.parametrize(
    ("error", "waited_out"),
    [
        (OSError("refused"), True),
        (FileNotFoundError(2, "No such file", "/etc/dibao/master.key"), False),
        (TimeoutError(), True),
        (asyncpg.ConnectionDoesNotExistError("gone"), True),
        (asyncpg.AdminShutdownError("going"), True),
        (asyncpg.InterfaceError("connection is closed"), True),
        (asyncpg.InterfaceError("cannot perform operation: another operation is in progress"), False),
        # A server killed while it answers; seen with kill -9 under load.
        (
            asyncpg.InternalClientError('cannot switch to state 12; protocol is in the "failed" state'),
            True,
        ),
        (asyncpg.InternalClientError("not connected"), True),
        # The same, where the transaction is rolled back before the connection knows; the crash test met it.
        (
            asyncpg.InternalClientError("cannot switch to state 15; another operation (2) is in progress"),
            True,
        ),
        (asyncpg.InternalClientError("got result for unknown protocol state 3"), False),
        (asyncpg.UniqueViolationError("twice"), False),
        (KafkaConnectionError("away"), True),
        # A broker that is busy, asked for the ends of many partitions.
        (KafkaTimeoutError("Failed to get offsets by times in 10000 ms"), True),
        (NotLeaderForPartitionError(), True),
        (MessageSizeTooLargeError(), False),
        (ValueError("wrong"), False),
    ],
)
def test_what_is_waited_out(error: Exception, waited_out: bool) -> None:
    assert is_infrastructure(error) is waited_out
