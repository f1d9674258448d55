"""``dibao rebuild``: derived state filled anew from the log, beside the live one, then swapped in."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from deploy.cli.output import console
from deploy.cli.telling import Bar
from deploy.deployment import current
from deploy.rebuilding import Derived, rebuilt
from services.platform.rebuilding import Progress


def register(app: typer.Typer) -> None:
    """Hang this command into the root."""
    app.command("rebuild")(rebuild)


def rebuild(what: Annotated[Derived, typer.Argument(help="The ledgers' tables, or the findings.")]) -> None:
    """Fill a new generation from the log and swap it in; readers and live processes go on meanwhile."""
    console.print(rebuilt(what, current(), progress_of))


@contextmanager
def progress_of(what: Derived) -> Iterator[Progress]:
    """Show how far a rebuild is."""
    with Bar() as bar:
        task = bar.add_task(f"rebuilding {what.value}", total=None)

        def tell(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        yield tell
