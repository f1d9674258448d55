"""Derived state filled anew from the log, beside the live one, then swapped in."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AbstractContextManager
from enum import StrEnum
from typing import Any

import asyncpg

from deploy.deployment import Deployment
from deploy.local.errors import StackError
from services.detection import generation as findings
from services.detection import replay
from services.platform.database import connected
from services.platform.rebuilding import Progress, RebuildRunningError
from services.platform.settings import Settings
from services.projector import generation as ledgers
from services.projector import rebuild as projection


class Derived(StrEnum):
    """What can be rebuilt from the log."""

    projection = "projection"
    detection = "detection"

    @property
    def service(self) -> str:
        """Whose tables they are."""
        return {"projection": "projector", "detection": "detection"}[self.value]


_DUE: dict[Derived, Callable[[asyncpg.Connection], Awaitable[bool]]] = {
    Derived.projection: ledgers.rebuild_due,
    Derived.detection: findings.rebuild_due,
}

_WHY = {
    Derived.projection: "its tables were made by other code than this",
    Derived.detection: "it was filled by other facts and rules than this version's",
}


Showing = Callable[[Derived], AbstractContextManager[Progress]]
"""What shows how far a rebuild is, for as long as it lasts."""


def rebuild_due(deployment: Deployment, tell: Callable[[str], None], showing: Showing) -> list[Derived]:
    """Rebuild what other code than this has filled; return what that was.

    Raises StackError where somebody else rebuilds it already.
    """
    due = asyncio.run(_due(deployment.settings))
    for what in due:
        tell(f"A rebuild of {what.value} is due, as {_WHY[what]}: filling it anew, beside what is there")
        tell(rebuilt(what, deployment, showing))
    return due


def rebuilt(what: Derived, deployment: Deployment, showing: Showing) -> str:
    """Rebuild, showing how far it is, and say what came of it. Raises StackError where one runs already."""
    # As the service whose tables they are.
    settings = deployment.settings_of(what.service)
    with showing(what) as progress:
        try:
            return asyncio.run(_REBUILD[what](settings, progress))
        except RebuildRunningError as error:
            raise StackError(str(error)) from None


async def _due(settings: Settings) -> list[Derived]:
    async with connected(settings.database_url) as connection:
        return [what for what, is_due in _DUE.items() if await is_due(connection)]


async def _projection(settings: Settings, tell: Progress) -> str:
    done = await projection.rebuild(settings, tell)
    return (
        f"Generation {done.generation} of the projection is live: {done.facts:,} facts of "
        f"{done.records:,} records in {done.seconds:.1f} s."
    )


async def _detection(settings: Settings, tell: Progress) -> str:
    report = await replay.rebuild(settings, tell)
    found = report.comparison
    seconds = report.read_seconds + report.evaluate_seconds
    verdict = (
        "equal to the findings that were live"
        if found.equal
        else f"raised {found.raised}, revised {found.revised}, withdrawn {found.withdrawn}"
    )
    return (
        f"Generation {report.generation} of detection is live: {report.records:,} records, "
        f"{report.subjects:,} subjects in {seconds:.1f} s; {verdict}."
    )


_REBUILD: dict[Derived, Callable[[Settings, Progress], Coroutine[Any, Any, str]]] = {
    Derived.projection: _projection,
    Derived.detection: _detection,
}
