"""Who takes facts in at this moment, so that others can wait until what is on its way is there.

Facts are evaluated before they are committed. What such a transaction read before somebody else's commit
it does not look at again: a death, a policy. So whoever looks for those whom a committed fact concerns waits
first for all who were taking facts in when it was committed; who begins later reads it himself.
"""

from services.platform.database import Connection
from services.platform.locks import DETECTION_FLIGHT

_PLACES = 16
"""So many transactions may take facts in at once; more wait for one another."""

_TAKE = "select place from generate_series(1, $2) as place where pg_try_advisory_xact_lock($1, place) limit 1"

# Held for no longer than it takes to know that nobody else does.
_WAIT = """
select pg_advisory_lock_shared($1, place), pg_advisory_unlock_shared($1, place)
from generate_series(1, $2) as place
"""


async def take_off(connection: Connection) -> None:
    """Say, until this transaction ends, that it takes facts in. Call it before anything is read."""
    if await connection.fetchval(_TAKE, DETECTION_FLIGHT, _PLACES) is None:
        await connection.execute("select pg_advisory_xact_lock($1, 1)", DETECTION_FLIGHT)


async def landed(connection: Connection) -> None:
    """Wait for all who take facts in now. Hold no lock that they may wait for."""
    await connection.execute(_WAIT, DETECTION_FLIGHT, _PLACES)
