"""``dibao serve``: the services of one process, in the foreground."""

import asyncio
import faulthandler
import gc
import importlib
import logging
import os
import signal
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Annotated

import typer

from deploy.deployment import PROCESSES, SERVICES, current, run
from events.catalogue import UPSTREAM_CONTEXTS
from services.platform import logs, tracing
from services.platform.monitor import monitored
from services.platform.outage import serve_through_outages
from services.platform.settings import Settings


def register(app: typer.Typer) -> None:
    """Hang this command into the root."""
    app.command("serve")(serve)


def serve(names: Annotated[list[str], typer.Argument(help="One of: " + ", ".join(SERVICES))]) -> None:
    """Run one service in the foreground until it is interrupted.

    Several contexts may share a process; each then listens below its name, as /kinship/events.
    """
    form = os.environ.get("DIBAO_LOG_FORMAT", "text").lower()
    if (wrong := _wrong(names, form)) is not None:
        # Only here: what prints tables would be in every process.
        from deploy.cli.output import fail

        raise fail(wrong, 2)
    faulthandler.enable()  # kill -ABRT says in the log where each thread stands: docs/operations/alerts.md
    logs.begin(os.environ.get("DIBAO_LOG_LEVEL", "INFO").upper(), form)
    for noisy in ("aiokafka", "httpx", "faust", "mode"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    settings = current().settings
    run(_serve(names, settings))


def _wrong(names: Sequence[str], form: str) -> str | None:
    """Say what is wrong with what is asked for, if anything is."""
    for name in names:
        if name not in SERVICES:
            return f"There is no service {name}; expected one of: {', '.join(SERVICES)}."
    if len(names) > 1 and (others := [name for name in names if name not in UPSTREAM_CONTEXTS]):
        return f"{others[0]} has a process of its own: only contexts can share one."
    if form not in logs.FORMS:
        return f"DIBAO_LOG_FORMAT is {form}; expected one of: {', '.join(logs.FORMS)}."
    return None


async def _serve(names: list[str], settings: Settings) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    tracing.begin(f"dibao.{_process_of(names)}")
    try:
        async with monitored(settings):
            await serve_services(names, settings, stopping)
    finally:
        await asyncio.to_thread(tracing.end)


def _process_of(names: Sequence[str]) -> str:
    found = [process for process, services in PROCESSES.items() if services == tuple(names)]
    return found[0] if found else "-".join(names)


def collect_rarely() -> None:
    """Make the cycle collector look at what is new only, and not often.

    A batch makes many objects and no cycles; by default the collector took a third of the time of every
    service, and stopped detection for 160 ms now and then.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(200_000, 20, 100)


async def serve_services(names: Sequence[str], settings: Settings, stop: asyncio.Event) -> None:
    """Run contexts together, or one service of another kind, in this process until ``stop`` is set."""
    # Each process imports what it runs, and nothing of the others.
    services = [importlib.import_module(f"services.{name}.service") for name in names]
    collect_rarely()

    async def serve_them() -> None:
        if names[0] in UPSTREAM_CONTEXTS:
            intake = importlib.import_module("services.intake.service")
            await intake.serve_contexts([service.DECLARATION for service in services], settings, stop)
        elif names[0] == "reporting":
            # Its pages call facts by the names of all contexts' forms.
            vocabulary = importlib.import_module("deploy.vocabulary")
            await services[0].serve(settings, stop, vocabulary.kinds())
        else:
            await services[0].serve(settings, stop)

    # Who only reads the projection goes on without Kafka, and who only keeps the log without PostgreSQL.
    kafka, database = names[0] != "reporting", names[0] != "journal"
    await serve_through_outages(
        ", ".join(names),
        settings,
        stop,
        serve_them,
        kafka=kafka,
        database=database,
        answering=_answering_away,
    )


def _answering_away(settings: Settings, sentence: str) -> AbstractAsyncContextManager[None]:
    # Of those that listen only, and of them only while a server is away: the others need none of it.
    away = importlib.import_module("services.intake.away")
    answering: AbstractAsyncContextManager[None] = away.answering_away(settings, sentence)
    return answering
