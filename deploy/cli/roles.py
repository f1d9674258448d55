"""``dibao roles apply``: the services' own roles in a PostgreSQL that is not of this checkout."""

import os
from pathlib import Path
from typing import Annotated

import typer

from deploy.cli.output import console, fail
from deploy.deployment import run
from deploy.migrations import RolesError, apply_roles, upgrade, url_as
from deploy.migrations.roles import MIGRATOR, OF_SERVICE, OPERATOR
from services.platform.keys import keep_secret

app = typer.Typer(
    help="Roles in PostgreSQL: one a service, with the rights that it needs.", no_args_is_help=True
)


def register(root: typer.Typer) -> None:
    """Hang this group into the root."""
    root.add_typer(app, name="roles")


@app.callback()
def _group() -> None:
    """Roles in PostgreSQL: one a service, with the rights that it needs."""


@app.command("apply")
def apply(
    out: Annotated[
        Path, typer.Option(help="Folder for a file of settings a service, such as payments.env.")
    ] = Path(".local/keys/roles"),
) -> None:
    """Bring the tables up to date, let the roles log in, and write the address of each service's database.

    DIBAO_DATABASE_URL names the database as its administrator. The roles' passwords are made from the
    administrator's: after that is changed, this is run again.
    """
    administrator = os.environ.get("DIBAO_DATABASE_URL")
    if not administrator:
        raise fail(
            "DIBAO_DATABASE_URL names the database, as its administrator (of our own, `up` does it).", 2
        )
    bring_up(administrator)
    out.mkdir(parents=True, exist_ok=True, mode=0o700)
    roles = {**OF_SERVICE, "operator": OPERATOR, "migrator": MIGRATOR}
    for service, role in roles.items():
        keep_secret(out / f"{service}.env", f"DIBAO_DATABASE_URL={url_as(administrator, role)}", anew=True)
    console.print(
        f"{len(roles)} files in {out}, for `EnvironmentFile=` of systemd, or `docker run --env-file`."
    )


def bring_up(administrator: str) -> None:
    """Bring the tables of a database up to date, and let the roles log in."""
    upgrade(administrator)
    try:
        run(apply_roles(administrator))
    except RolesError as error:
        raise fail(f"{error}.") from None
