"""``dibao prepare``: what a deployment on servers elsewhere needs before its processes start."""

import os
from typing import Annotated

import typer

from deploy import keys
from deploy.cli.output import console, fail
from deploy.cli.roles import bring_up
from deploy.cli.topics import apply as apply_topics
from deploy.deployment import current, run
from services.platform.failure import patiently
from services.platform.log import cluster_id

_PATIENCE = 120.0


def register(app: typer.Typer) -> None:
    """Hang this command into the root."""
    app.command("prepare")(prepare)


def prepare(
    upstream: Annotated[
        list[str] | None,
        typer.Option(help="PRINCIPAL=context,context: an upstream, and the intake topics that it may write."),
    ] = None,
    rate: Annotated[
        list[str] | None,
        typer.Option(
            help="PRINCIPAL=BYTES: how many bytes a second an upstream may write; 0: as many as it likes."
        ),
    ] = None,
) -> None:
    """Bring tables, roles, topics and permissions of servers elsewhere up to date, before processes start.

    DIBAO_DATABASE_URL names the database as its administrator, DIBAO_KAFKA_USER a principal that may alter
    the cluster. The operator's key becomes known. Run it again after an upgrade; it does no harm.
    """
    if not os.environ.get("DIBAO_KAFKA") or not os.environ.get("DIBAO_DATABASE_URL"):
        raise fail("DIBAO_KAFKA and DIBAO_DATABASE_URL name the servers (of our own, `dibao up` does it).", 2)
    settings = current().settings
    console.print("Bringing the database's tables up to date, and the services' roles")
    bring_up(settings.database_url)
    run(patiently(lambda: cluster_id(settings), _PATIENCE, "Kafka"))
    apply_topics(upstream, rate)
    run(keys.make_operator(settings.database_url, console.print))
    console.print("The servers are ready.")
