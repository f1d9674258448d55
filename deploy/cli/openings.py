"""``dibao open | openings``: one person, account or text opened for a reason; who opened what."""

import os
import pwd
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated
from uuid import UUID

import typer

from deploy.cli.output import Format, FormatOption, console, dump, fail, show
from deploy.deployment import current, run
from services.platform.database import open_pool
from services.platform.keys import Keys
from services.platform.openings import Opener, Opening, ReasonMissingError, list_openings
from services.platform.vault import SealBrokenError
from services.reporting.opening import Opened, open_fact, open_token
from services.reporting.reading import NotThereError

ReasonOption = Annotated[str, typer.Option("--reason", help="Why it is opened; kept for ever.")]


def register(app: typer.Typer) -> None:
    """Hang these commands into the root."""
    app.command("open")(open_one)
    app.command("openings")(openings)


@asynccontextmanager
async def opener(reason: str) -> AsyncIterator[Opener]:
    """Give what opens sealed values, for the person at the terminal."""
    settings = current().settings
    pool = await open_pool(settings.database_url, size=1)
    try:
        yield Opener(pool, Keys.from_settings(settings), who(), reason)
    except ReasonMissingError as error:
        raise fail(f"{error}.", 2) from None
    finally:
        await pool.close()


def open_one(
    token: Annotated[
        str,
        typer.Argument(help="A token of a person (p.…) or an account (a.…), or the event id of a fact."),
    ],
    reason: ReasonOption,
    field: Annotated[
        str | None, typer.Option(help="Of a fact: which field, such as person; else its free texts.")
    ] = None,
    form: FormatOption = Format.table,
) -> None:
    """Open one person's name and number, one account, or one fact's text. Who opened it, and why, is kept."""
    if token.startswith(("p.", "a.")):
        fact = None
    else:
        try:
            fact = UUID(token)
        except ValueError:
            raise fail(f"{token} is no token (p.…, a.…) and no event id.", 2) from None

    async def work() -> Opened:
        async with opener(reason) as opening:
            if fact is None:
                return await open_token(current().settings, opening, token)
            return await open_fact(current().settings, opening, fact, field)

    try:
        opened = run(work())
    except (NotThereError, SealBrokenError) as error:
        raise fail(str(error)) from None
    if form is not Format.table:
        sys.stdout.write(dump(opened.values, indent=1 if form is Format.json else None) + "\n")
        return
    for value in opened.values:
        facts = value.pop("facts")
        for name, said in value.items():
            console.print(f"{name}: {said}", markup=False, soft_wrap=True)
        console.print(f"  in {len(facts)} facts, {facts[0]} the newest", markup=False, soft_wrap=True)


def openings(form: FormatOption = Format.table) -> None:
    """List who opened or erased what, and why, and check that the list is whole."""

    async def work() -> list[Opening]:
        pool = await open_pool(current().settings.database_url, size=1)
        try:
            return await list_openings(pool)
        finally:
            await pool.close()

    found = run(work())
    rows = [
        {
            "number": one.number,
            "at": one.at,
            "act": one.act,
            "subject": one.subject,
            "what": one.what,
            "why": one.why,
            "who": one.who,
            "role": one.role,
            "hash": one.hash,
            "intact": one.intact,
        }
        for one in found
    ]
    shown = ("number", "编号"), ("at", "时间"), ("who", "谁"), ("act", "行为"), ("subject", "对象")
    show(rows, form, columns=[*shown, ("what", "内容"), ("why", "事由")], title="解封记录")
    broken = next((one.number for one in found if not one.intact), None)
    if broken is not None:
        raise fail(f"The list was changed: its chain breaks at number {broken}.")
    if found and form is Format.table:
        console.print(f"链条完整，末值 {found[-1].hash}")


def who() -> str:
    """The user of this machine who runs the command, and whom sudo names."""
    user, before = pwd.getpwuid(os.getuid()).pw_name, os.environ.get("SUDO_USER")
    return f"{user}{f' (sudo: {before})' if before else ''}@{socket.gethostname()}"
