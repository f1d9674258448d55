"""Whether a process lives and does its work, and what it counts: /livez, /readyz and /metrics.

They listen on a port of their own (``DIBAO_MONITOR_PORT``), which only those who operate it can reach, and
need no key: no answer names a person, a household or an anomaly. A *part* of the process (a pipeline, what
listens, a relay) is attended while it works, and asked by its probe whether it is ready.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager

from services.platform import metrics
from services.platform.settings import Settings

Probe = Callable[[], Awaitable[str | None]]
"""Brings a part's gauges up to date, and says why it is not ready, or None."""

_PROBE_SECONDS = 5.0
_PARTS: dict[str, Probe] = {}


@contextmanager
def attended(part: str, probe: Probe) -> Iterator[None]:
    """Attend to a part of this process for as long as it works."""
    _PARTS[part] = probe
    try:
        yield
    finally:
        if _PARTS.get(part) is probe:
            del _PARTS[part]
            metrics.READY.labels(part).set(0)


def waiting(reason: str) -> Probe:
    """Return the probe of a part that waits."""

    async def probe() -> str | None:
        return reason

    return probe


async def reasons() -> dict[str, str | None]:
    """Return why each part is not ready, None where it is; a process without any part is only starting."""
    found: dict[str, str | None] = {}
    for part, probe in list(_PARTS.items()):
        try:
            async with asyncio.timeout(_PROBE_SECONDS):
                reason = await probe()
        except Exception as error:
            reason = f"cannot be asked: {type(error).__name__}"
        metrics.READY.labels(part).set(reason is None)
        found[part] = reason
    return found or {"process": "starts"}


@asynccontextmanager
async def monitored(settings: Settings) -> AsyncIterator[None]:
    """Answer while the process works, where the settings name a port. Raises ListenerError."""
    if not settings.monitor_port:
        yield
        return
    # Where nobody listens, which is the default, a process does without its 14 MB.
    from services.platform.monitor_port import listening

    async with listening(settings):
        yield
