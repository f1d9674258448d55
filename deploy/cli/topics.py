"""``dibao topics apply | grow``: topics, their limits, their partitions, and who may do what with them."""

import re
from collections.abc import Iterable
from typing import Annotated

import typer
from aiokafka.errors import KafkaError

from deploy.cli.output import console, fail
from deploy.deployment import PROCESSES, current, run
from events.catalogue import UPSTREAM_CONTEXTS
from services.platform import acls, quotas
from services.platform.database import connected
from services.platform.failure import patiently
from services.platform.growing import GrowingError, Grown, grow
from services.platform.settings import Settings
from services.platform.signing import note_signed, unsigned_topics
from services.platform.topics import create_topics, topics

_PATIENCE = 60.0

app = typer.Typer(no_args_is_help=True, help="Kafka's topics, and who may do what with them.")


@app.callback()
def _root() -> None:
    """Kafka's topics, and who may do what with them."""


def register(root: typer.Typer) -> None:
    """Hang this group into the root."""
    root.add_typer(app, name="topics")


@app.command("apply")
def apply(
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
    permissions: Annotated[
        bool, typer.Option(help="Give each service's principal its ACLs, named as its process.")
    ] = True,
    signed: Annotated[
        bool,
        typer.Option(
            "--signed",
            help="Refuse records without a MAC from now on, on topics older than MACs as well: say it once "
            "no process of an earlier version runs anywhere, because what such a one writes then is refused.",
        ),
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print what would be done.")] = False,
) -> None:
    """Make the topics that are missing, mend their limits, and give principals their permissions.

    Run it as a principal that may alter the cluster (DIBAO_KAFKA_USER). Each process of ours speaks as the
    principal of its own name: enrollment, payments, …, registers, closer, journal, detection, projector,
    alerting.
    """
    settings = current().settings
    wanted = acls.permissions(settings, PROCESSES, dict(map(_upstream, upstream or ())))
    rates = dict(map(_rate, rate or ()))
    if dry_run:
        for line in _lines(wanted):
            typer.echo(line)
        for principal, most in rates.items():
            typer.echo(f"{principal:<12} {most or 'unlimited':<16} bytes a second")
        return
    made = run(create_topics(settings))
    # A broker that was just started, or is busy, may need a while for the offsets of so many partitions.
    run(
        patiently(lambda: note_signed(settings, made, older=signed), _PATIENCE, "The noting of signed topics")
    )
    console.print(f"{len(topics(settings))} topics are as they must be.")
    if left := run(unsigned_topics(settings)):
        console.print(
            f"Records without a MAC are taken still on: {', '.join(left)} (--signed).", soft_wrap=True
        )
    try:
        if permissions:
            console.print(f"{run(acls.apply(settings, wanted))} permissions are given.")
        if rates:
            run(quotas.limit(settings, rates))
    except KafkaError as error:
        raise fail(
            f"Kafka did not take the permissions ({type(error).__name__}): its brokers need an authorizer, "
            "and you a principal that may alter the cluster; --no-permissions makes topics alone."
        ) from None
    for principal, most in rates.items():
        told = f"{most:,} bytes" if most else "any number of bytes"
        console.print(f"{principal} may write {told} a second.")


@app.command("grow")
def add_partitions(
    partitions: Annotated[int, typer.Option(min=1, help="How many each topic of facts has then.")],
    patience: Annotated[
        float, typer.Option(min=1, help="Seconds that pipelines may need to see them, and to catch up.")
    ] = 60,
) -> None:
    """Add partitions to the log's topics, so that more processes can share them; no key loses its order.

    Facts come in meanwhile. For a moment, until detection and the projector have read what there is, upstream
    is asked to try again (503). What breaks off leaves all as it was; say it again then.
    """
    deployment = current()
    settings = deployment.settings
    try:
        grown = run(_grow(settings, partitions, patience))
    except GrowingError as error:
        raise fail(str(error)) from None
    if not grown.topics:
        console.print(f"Keys are dealt to {partitions} partitions already.")
        return
    console.print(
        f"The keys of {len(grown.topics)} topics are dealt to {partitions} partitions. "
        f"Nothing was accepted for {grown.seconds:.1f} s.",
        soft_wrap=True,
    )


async def _grow(settings: Settings, partitions: int, patience: float) -> Grown:
    # Whoever applies topics need not wait for these.
    from deploy.cli.progress import readers

    async with connected(settings.database_url) as connection:
        reading = await readers(connection)
    return await grow(settings, partitions, reading, patience=patience, tell=console.print)


def _upstream(said: str) -> tuple[str, list[str]]:
    principal, _, named = said.partition("=")
    contexts = [each for each in named.split(",") if each]
    unknown = sorted(set(contexts) - set(UPSTREAM_CONTEXTS))
    if not principal or not contexts or unknown:
        raise fail(f"--upstream is PRINCIPAL=context,context, of: {', '.join(UPSTREAM_CONTEXTS)}.", 2)
    return principal, contexts


def _rate(said: str) -> tuple[str, int]:
    principal, _, number = said.partition("=")
    if not principal or not re.fullmatch("[0-9]{1,12}", number):
        raise fail("--rate is PRINCIPAL=BYTES, a second; 0: as many as it likes.", 2)
    return principal, int(number)


def _lines(wanted: Iterable[acls.Permission]) -> Iterable[str]:
    for each in wanted:
        name = each.name + ("*" if each.pattern is acls.Pattern.PREFIXED else "")
        yield f"{each.principal:<12} {each.operation.name:<16} {each.resource.name.lower():<5} {name}"
