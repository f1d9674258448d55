"""``dibao dlq``: what came on an intake topic and was no fact."""

import sys
from typing import Annotated

import asyncpg
import typer

from deploy.cli.openings import ReasonOption, opener
from deploy.cli.output import Format, FormatOption, console, dump, errors, fail, show
from deploy.deployment import current, run
from services.intake import dead_letters
from services.intake.dead_letters import DeadLetter, NoSuchLetterError, Original
from services.platform.database import open_pool

app = typer.Typer(help="Dead letters of the intake topics: list, show, send again.", no_args_is_help=True)


def register(root: typer.Typer) -> None:
    """Hang this group into the root."""
    root.add_typer(app, name="dlq")


NumberArgument = Annotated[int, typer.Argument(help="The letter's number, as `list` shows it.")]


async def _pool() -> asyncpg.Pool:
    return await open_pool(current().settings.database_url, size=1)


@app.command("list")
def listing(
    after: Annotated[int, typer.Option(help="Only those behind this number.")] = -1,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="The maximum number.")] = 1000,
    form: FormatOption = Format.table,
) -> None:
    """List dead letters, oldest first: where each came from and why; its content stays sealed."""

    async def work() -> list[DeadLetter]:
        pool = await _pool()
        try:
            return await dead_letters.list_letters(current().settings, pool, after=after, limit=limit + 1)
        finally:
            await pool.close()

    letters = run(work())

    rows = [
        {
            "number": letter.offset,
            "at": letter.at,
            "from": f"{letter.topic}/{letter.partition}@{letter.source_offset}",
            "error": letter.error,
            "reason": letter.reason,
            "redriven_at": letter.redriven_at,
        }
        for letter in letters[:limit]
    ]
    show(
        rows,
        form,
        columns=[
            ("number", "编号"),
            ("at", "时间"),
            ("from", "来处"),
            ("error", "类别"),
            ("reason", "原因"),
            ("redriven_at", "重送"),
        ],
        title="死信",
    )
    if len(letters) > limit:
        errors.print(f"[dim]还有更多，请用 --after {letters[limit - 1].offset}。[/]")


@app.command("show")
def show_one(number: NumberArgument, reason: ReasonOption) -> None:
    """Open a dead letter and print the original record. It may hold personal data: the opening is kept."""

    async def work() -> Original:
        async with opener(reason) as opening:
            return await dead_letters.show_letter(current().settings, opening, number)

    try:
        original = run(work())
    except NoSuchLetterError as error:
        raise fail(f"{error}.") from None
    headers = [f"{name}: {shown_header(name, value)}" for name, value in original.headers]
    text = (original.value or b"").decode("utf-8", "replace")
    if original.cut is not None:
        console.print(f"The record was too long for its letter, which has its beginning: {original.cut}.")
    sys.stdout.write(f"headers {dump(headers)}\n{shown(text) if sys.stdout.isatty() else text}\n")


def shown_header(name: str, value: bytes | None) -> str:
    """Return what a header says, but a key, however the header is written."""
    if value is None:
        return "(no value)"
    return "…" if name.lower() == "authorization" else value.decode("utf-8", "replace")


def shown(text: str) -> str:
    """Return a text as a terminal may show it, which would obey the escape sequences of a record."""
    return "".join(mark if mark.isprintable() or mark in "\n\t" else "\ufffd" for mark in text)


@app.command("redrive")
def redrive(number: NumberArgument) -> None:
    """Send the original to its intake topic again; it is judged anew."""

    async def work() -> DeadLetter:
        async with opener("sent again") as opening:
            return await dead_letters.redrive(current().settings, opening, number)

    try:
        letter = run(work())
    except NoSuchLetterError as error:
        raise fail(f"{error}.") from None
    console.print(f"Letter {number} went to {letter.topic} again.")
