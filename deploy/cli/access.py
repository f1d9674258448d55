"""``dibao access``: who reads over HTTP, and who is the operator; keys are made, renewed, revoked."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, TypeVar

import asyncpg
import typer

from deploy.cli.database import ask_database
from deploy.cli.output import Format, FormatOption, console, fail, show
from deploy.deployment import operator_file
from services.platform import access
from services.platform.access import OPERATOR, AccessError
from services.platform.keys import keep_secret

Result = TypeVar("Result")

app = typer.Typer(
    help="Keys of people: who reads over HTTP (reporting), and who is the operator.", no_args_is_help=True
)


class Role(StrEnum):
    """What the holder of a key may do: read; or all that an operator may."""

    reader = "reader"
    operator = "operator"


def register(root: typer.Typer) -> None:
    """Hang this group into the root."""
    root.add_typer(app, name="access")


NameArgument = Annotated[str, typer.Argument(help="The holder's name, such as 王芳 or audit-office.")]
HoursOption = Annotated[
    float, typer.Option("--former-hours", min=0, help="How long the former key stays valid.")
]


def _asked(ask: Callable[[asyncpg.Pool], Awaitable[Result]]) -> Result:
    try:
        return ask_database(ask)
    except AccessError as error:
        raise fail(f"{error}.", 2) from None


@app.command("add")
def add(
    name: NameArgument,
    role: Annotated[Role, typer.Option(help="What the key is good for.")] = Role.reader,
    may_open: Annotated[
        bool, typer.Option("--may-open", help="May open sealed names and numbers over HTTP, for a reason.")
    ] = False,
    area: Annotated[
        str | None,
        typer.Option(help="Reads this village, street or district only: its division code."),
    ] = None,
) -> None:
    """Register a holder and print the key, once."""
    _hand_out(
        name, _asked(lambda pool: access.add_holder(pool, name, role.value, may_open=may_open, area=area))
    )


@app.command("renew")
def renew(name: NameArgument, former_hours: HoursOption = 0) -> None:
    """Give a holder a new key; the former one ends at once, or after some hours."""
    former = timedelta(hours=former_hours)
    _hand_out(name, _asked(lambda pool: access.renew_holder(pool, name, keep_former=former)))


@app.command("revoke")
def revoke(name: NameArgument) -> None:
    """End a holder's keys at once."""
    _asked(lambda pool: access.revoke_holder(pool, name))
    console.print(f"The key of {name} is revoked.")


@app.command("list")
def listing(form: FormatOption = Format.table) -> None:
    """List the holders, revoked ones included."""
    rows = [
        {
            "name": holder.name,
            "role": holder.role,
            "may_open": holder.may_open,
            "area": holder.area,
            "created_at": holder.created_at,
            "former_until": holder.former_until,
            "revoked_at": holder.revoked_at,
        }
        for holder in _asked(access.list_holders)
    ]
    show(rows, form)


def _hand_out(name: str, key: str) -> None:
    if name == OPERATOR:
        keep_secret(operator_file(), key, anew=True)
        console.print(f"The operator's new key is in {operator_file()}.")
        return
    console.print(f"Key of {name} (shown this once, only its hash is kept):")
    typer.echo(key)
