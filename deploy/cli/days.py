"""``dibao close-day | wait``: closing a day, and waiting until everything recorded is worked through."""

from datetime import date
from typing import Annotated

import typer

from deploy.cli.asked import day as day_of
from deploy.cli.output import console, fail
from deploy.cli.progress import Progress, progress, wait_until_done
from deploy.cli.telling import Bar
from deploy.deployment import current, run
from services.closer.closing import DayRefusedError, close_day, undo_day
from services.platform.database import open_pool


def register(app: typer.Typer) -> None:
    """Hang these commands into the root."""
    app.command("close-day")(close)
    app.command("wait")(wait)


def close(
    day: Annotated[date, typer.Argument(parser=day_of, metavar="DAY", help="The day that is over.")],
    undo: Annotated[
        bool, typer.Option("--undo", help="It was closed by error: undo it, and every later day.")
    ] = False,
    reason: Annotated[str, typer.Option(help="Why it is undone; shown to all, so it names nobody.")] = "",
) -> None:
    """Publish calendar.day_closed with the cut: what is recorded now is recorded by that day."""
    if undo:
        _undo(day, reason)
        return
    try:
        closed = run(close_day(current().settings, day))
    except DayRefusedError as error:
        raise fail(f"{error}.") from None
    records = sum(offset for partitions in closed.cut.values() for offset in partitions.values())
    console.print(
        f"{closed.day} "
        + ("was closed already" if closed.already else "is closed")
        + f": {records:,} records below its cut."
    )


def _undo(day: date, reason: str) -> None:
    if not reason.strip():
        raise fail("--undo needs a --reason.", 2)
    try:
        days = run(undo_day(current().settings, day, reason.strip()))
    except DayRefusedError as error:
        raise fail(f"{error}.") from None
    named = f"{day}" if len(days) == 1 else f"{day} and what followed, {len(days)} days up to {days[-1]},"
    console.print(f"{named} no longer counts as closed: close in order what is over.")


def wait(
    timeout: Annotated[float, typer.Option(help="Give up after this many seconds.")] = 300.0,
) -> None:
    """Wait until offsets are at the end and no mark, wake-up or announcement is left, in two samples."""

    async def work() -> tuple[Progress | None, Progress | None]:
        settings = current().settings
        pool = await open_pool(settings.database_url, size=2)
        try:
            with Bar() as bar:
                task = bar.add_task("waiting", total=None)
                done = await wait_until_done(
                    settings,
                    pool,
                    patience=timeout,
                    tell=lambda found: bar.update(task, description=f"waiting: {found.sentence()}"),
                )
            return done, None if done is not None else await progress(settings, pool)
        finally:
            await pool.close()

    done, left = run(work())
    if done is None:
        assert left is not None
        raise fail(f"After {timeout:.0f} s there is still something to do: {left.sentence()}.")
    console.print(f"Everything is worked through: {done.recorded:,} records on the log.")
