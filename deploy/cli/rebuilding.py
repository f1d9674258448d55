"""``dibao rebuild``: derived state filled anew from the log, beside the live one, then swapped in."""

from collections.abc import Awaitable, Callable, Iterator
from enum import StrEnum
from typing import Annotated

import asyncpg
import typer

from deploy.cli.deployment import Deployment, current, run
from deploy.cli.output import console
from deploy.cli.telling import Bar
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
        return self.services[0]

    @property
    def services(self) -> tuple[str, ...]:
        """Who writes the tables, and who needs them to be of its own code."""
        return {"projection": ("projector", "reporting"), "detection": ("detection",)}[self.value]


_DUE: dict[Derived, Callable[[asyncpg.Connection], Awaitable[bool]]] = {
    Derived.projection: ledgers.rebuild_due,
    Derived.detection: findings.rebuild_due,
}

_WHY = {
    Derived.projection: "its tables were made by other code than this",
    Derived.detection: "it was filled by other facts and rules than this version's",
}


def register(app: typer.Typer) -> None:
    """Hang this command into the root."""
    app.command("rebuild")(rebuild)


def rebuild(what: Annotated[Derived, typer.Argument(help="The ledgers' tables, or the findings.")]) -> None:
    """Fill a new generation from the log and swap it in; readers and live processes go on meanwhile."""
    console.print(rebuilt(what, current()))


def rebuild_due(deployment: Deployment, tell: Callable[[str], None]) -> Iterator[Derived]:
    """Rebuild what other code than this has filled; yield what that was, each when it is done.

    Raises StackError where somebody else rebuilds it already.
    """
    for what in run(_due(deployment.settings)):
        tell(f"A rebuild of {what.value} is due, as {_WHY[what]}: filling it anew, beside what is there")
        tell(rebuilt(what, deployment))
        yield what


def rebuilt(what: Derived, deployment: Deployment) -> str:
    """Rebuild, showing how far it is, and say what came of it. Raises StackError where one runs already."""
    # As the service whose tables they are.
    settings = deployment.settings_of(what.service)
    with Bar() as bar:
        task = bar.add_task(f"rebuilding {what.value}", total=None)

        def tell(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        try:
            return run({Derived.projection: _projection, Derived.detection: _detection}[what](settings, tell))
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
