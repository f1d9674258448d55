"""``dibao secrets``: the passwords, keys and certificates of a new deployment, a file each."""

import shutil
from pathlib import Path
from secrets import token_urlsafe
from typing import Annotated
from urllib.parse import quote

import typer

from deploy.certificates import Authority
from deploy.cli.output import console, fail
from deploy.deployment import PROCESSES
from deploy.migrations.roles import url_of
from services.journal.keeping import make_signer
from services.platform.access import OPERATOR_PREFIX, new_key
from services.platform.authorship import LogKeys
from services.platform.keys import Keys

_OPERATOR = "operator"


def register(app: typer.Typer) -> None:
    """Hang this command into the root."""
    app.command("secrets")(secrets)


def secrets(
    out: Annotated[Path, typer.Argument(help="A folder that is not there yet.")] = Path("secrets"),
    database: Annotated[str, typer.Option(help="HOST:PORT/NAME of PostgreSQL.")] = "postgres:5432/dibao",
    host: Annotated[
        list[str] | None, typer.Option(help="A name or address by which people and offices reach us.")
    ] = None,
    mounted: Annotated[str, typer.Option(help="Where processes find the folder's files.")] = "/run/secrets",
) -> None:
    """Make what a new deployment keeps secret: passwords, keys, and certificates for five years.

    smtp_password is empty: the office's mail server knows what belongs there, if it asks. For
    docker-compose.yml, or as a model for what a cluster keeps its secrets in. Back up master.key and
    log.key apart from the data: without them nothing sealed is read again.
    """
    if out.exists():
        raise fail(f"{out} is there already: other keys would open nothing that its keys closed.", 2)
    draft = out.with_name(f".{out.name}.draft")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True, mode=0o700)
    authority = Authority()
    Keys.create(draft / "master.key")
    LogKeys.create(draft / "log.key")
    make_signer(draft / "journal.key")
    password = token_urlsafe(24)
    place = f"{database}?sslmode=verify-full&sslrootcert={quote(f'{mounted}/ca.pem')}"
    administrator = f"postgresql://dibao:{password}@{place}"
    texts = {
        "ca.pem": authority.certificate,
        "operator.key": new_key(OPERATOR_PREFIX),
        "postgres_password": password,
        "grafana_password": token_urlsafe(16),
        "smtp_password": "",
        "database_prepare": administrator,
        **{f"database_{name}": url_of(administrator, of[0]) for name, of in PROCESSES.items()},
        **{f"kafka_{name}": token_urlsafe(24) for name in (_OPERATOR, *PROCESSES)},
    }
    reached = ("localhost", "127.0.0.1", *(host or ()))
    for server, names in (("kafka", ("kafka",)), ("postgres", ("postgres",)), ("web", tuple(PROCESSES))):
        key, certificate = authority.issue((*names, *reached))
        if server == "kafka":
            texts["kafka.pem"] = key + certificate
        else:
            texts |= {f"{server}.key": key, f"{server}.pem": certificate}
    for name, text in texts.items():
        (draft / name).write_text(text if text.endswith("\n") else text + "\n", encoding="ascii")
    for file in draft.iterdir():
        # Other users' processes read them where they are mounted; here the folder keeps others out.
        file.chmod(0o644)
    draft.rename(out)
    console.print(
        f"{len(list(out.iterdir()))} files in {out}. Back up {out}/master.key and {out}/log.key elsewhere."
    )
