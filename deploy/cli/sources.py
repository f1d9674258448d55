"""``dibao source``: upstreams and their keys."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Annotated, TypeVar

import asyncpg
import typer
from rich.markup import escape

from deploy.cli.database import ask_database
from deploy.cli.output import Format, FormatOption, console, fail, show
from events.catalogue import UPSTREAM_CONTEXTS
from services.intake import sources

Result = TypeVar("Result")

app = typer.Typer(
    help="Upstreams and their keys: which facts a source may state, and where.", no_args_is_help=True
)


NameArgument = Annotated[str, typer.Argument(help="The source's URI, such as /bank/psbc/500102.")]


def register(root: typer.Typer) -> None:
    """Hang this group into the root."""
    root.add_typer(app, name="source")


def _asked(ask: Callable[[asyncpg.Pool], Awaitable[Result]]) -> Result:
    try:
        return ask_database(ask)
    except sources.SourceError as error:
        raise fail(f"{error}.", 2) from None


@app.command("add")
def add(
    name: NameArgument,
    contexts: Annotated[str, typer.Option(help="Comma-separated, of: " + ", ".join(UPSTREAM_CONTEXTS))],
    area: Annotated[str, typer.Option(help="Prefixes of division codes, comma-separated; * is everywhere.")],
    new_households: Annotated[
        bool,
        typer.Option("--new-households", help="It may speak of those whose village nobody knows."),
    ] = False,
) -> None:
    """Register an upstream and print its key, once."""

    async def work(pool: asyncpg.Pool) -> tuple[str, list[tuple[str, str]]]:
        key = await sources.add_source(
            pool, name, contexts.split(","), area.split(","), new_households=new_households
        )
        return key, await sources.overlapping(pool, name)

    key, pairs = _asked(work)
    for wider, narrower in pairs:
        console.print(
            f"[yellow]The key of {escape(wider)} may state facts of {escape(narrower)} as well[/]: a source "
            "speaks for all names below its own.",
            soft_wrap=True,
        )
    _hand_out(name, key)


@app.command("renew")
def renew(
    name: NameArgument,
    former_hours: Annotated[float, typer.Option(min=0, help="How long the former key stays valid.")] = 0,
) -> None:
    """Give a source a new key and print it; the former one ends at once, or after some hours."""
    former = timedelta(hours=former_hours)
    _hand_out(name, _asked(lambda pool: sources.renew_key(pool, name, keep_former=former)))


@app.command("revoke")
def revoke(name: NameArgument) -> None:
    """End a source's keys at once; its facts stay."""
    _asked(lambda pool: sources.revoke_source(pool, name))
    console.print(f"The key of {name} is revoked.")


@app.command("list")
def listing(form: FormatOption = Format.table) -> None:
    """List the sources, revoked ones included."""
    rows = [
        {
            "name": found.name,
            "contexts": ", ".join(found.contexts),
            "areas": ", ".join(area or "*" for area in found.areas),
            "created_at": found.created_at,
            "former_until": found.former_until,
            "revoked_at": found.revoked_at,
        }
        for found in _asked(sources.list_sources)
    ]
    show(rows, form)


def _hand_out(name: str, key: str) -> None:
    console.print(f"Key of {name} (shown this once, only its hash is kept):")
    typer.echo(key)
