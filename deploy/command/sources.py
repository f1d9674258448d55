"""``dibao source``: upstreams and their keys."""

from typing import Annotated

import typer

from deploy.command.deployment import current, run
from deploy.command.output import Format, FormatOption, console, fail, show
from events.catalogue import UPSTREAM_CONTEXTS
from services.platform.database import open_pool
from services.platform.intake import sources

app = typer.Typer(
    help="Upstreams and their keys: which facts a source may state, and where.", no_args_is_help=True
)


def register(root: typer.Typer) -> None:
    """Hang this group into the root."""
    root.add_typer(app, name="source")


@app.command("add")
def add(
    name: Annotated[str, typer.Argument(help="The source's URI, such as /bank/psbc/500102.")],
    contexts: Annotated[str, typer.Option(help="Comma-separated, of: " + ", ".join(UPSTREAM_CONTEXTS))],
    area: Annotated[str, typer.Option(help="Prefixes of division codes, comma-separated; * is everywhere.")],
    new_households: Annotated[
        bool,
        typer.Option("--new-households", help="It may speak of those whose village nobody knows."),
    ] = False,
) -> None:
    """Register an upstream and print its key, once."""

    async def work() -> str:
        pool = await open_pool(current().settings.database_url, size=1)
        try:
            return await sources.add_source(
                pool, name, contexts.split(","), area.split(","), new_households=new_households
            )
        finally:
            await pool.close()

    try:
        key = run(work())
    except sources.SourceError as error:
        raise fail(f"{error}.", 2) from None
    console.print(f"Key of {name} (shown this once, only its hash is kept):")
    typer.echo(key)


@app.command("revoke")
def revoke(name: Annotated[str, typer.Argument(help="The source's URI.")]) -> None:
    """End a source's key at once; its facts stay."""

    async def work() -> None:
        pool = await open_pool(current().settings.database_url, size=1)
        try:
            await sources.revoke_source(pool, name)
        finally:
            await pool.close()

    try:
        run(work())
    except sources.SourceError as error:
        raise fail(f"{error}.") from None
    console.print(f"The key of {name} is revoked.")


@app.command("list")
def listing(form: FormatOption = Format.table) -> None:
    """List the sources, revoked ones included."""

    async def work() -> list[sources.Source]:
        pool = await open_pool(current().settings.database_url, size=1)
        try:
            return await sources.list_sources(pool)
        finally:
            await pool.close()

    rows = [
        {
            "name": found.name,
            "contexts": ", ".join(found.contexts),
            "areas": ", ".join(area or "*" for area in found.areas),
            "created_at": found.created_at,
            "revoked_at": found.revoked_at,
        }
        for found in run(work())
    ]
    show(rows, form)
