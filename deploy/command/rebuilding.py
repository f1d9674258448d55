"""``dibao rebuild``: derived state filled anew from the log, beside the live one, then swapped in."""

from enum import StrEnum
from typing import Annotated

import typer

from deploy.command.deployment import current, run
from deploy.command.output import console, fail
from deploy.command.telling import Bar
from services.detection import replay
from services.projector import rebuild as projection


class Derived(StrEnum):
    """What can be rebuilt from the log."""

    projection = "projection"
    detection = "detection"


def register(app: typer.Typer) -> None:
    """Hang this command into the root."""
    app.command("rebuild")(rebuild)


def rebuild(what: Annotated[Derived, typer.Argument(help="The ledgers' tables, or the findings.")]) -> None:
    """Fill a new generation from the log and swap it in; readers and live processes go on meanwhile."""
    # As the service whose tables they are.
    settings = current().settings_of({"projection": "projector", "detection": "detection"}[what.value])
    with Bar() as bar:
        task = bar.add_task(f"rebuilding {what.value}", total=None)

        def tell(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        try:
            if what is Derived.projection:
                rebuilt = run(projection.rebuild(settings, tell))
                sentence = (
                    f"Generation {rebuilt.generation} of the projection is live: {rebuilt.facts:,} facts of "
                    f"{rebuilt.records:,} records in {rebuilt.seconds:.1f} s."
                )
            else:
                report = run(replay.rebuild(settings, tell))
                found = report.comparison
                seconds = report.read_seconds + report.evaluate_seconds
                verdict = (
                    "equal to the findings that were live"
                    if found.equal
                    else f"raised {found.raised}, revised {found.revised}, withdrawn {found.withdrawn}"
                )
                sentence = (
                    f"Generation {report.generation} of detection is live: {report.records:,} records, "
                    f"{report.subjects:,} subjects in {seconds:.1f} s; {verdict}."
                )
        except (projection.RebuildRunningError, replay.RebuildRunningError) as error:
            raise fail(str(error)) from None
    console.print(sentence)
