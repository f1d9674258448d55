"""The root of the command line: every group of commands is hung in here."""

import typer

from deploy.command import (
    bench,
    days,
    dead_letters,
    demonstration,
    publishing,
    reading,
    rebuilding,
    running,
    simulation,
    sources,
    templates,
)

app = typer.Typer(
    name="dibao",
    help="低保 under supervision: upstream facts to anomalies, ledgers and the Annex-2 form.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
    rich_markup_mode="rich",
)

for group in (
    running,
    demonstration,
    simulation,
    publishing,
    templates,
    days,
    reading,
    rebuilding,
    bench,
):
    group.register(app)
app.add_typer(sources.app, name="source")
app.add_typer(dead_letters.app, name="dlq")
