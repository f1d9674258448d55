"""``dibao up | down | restart``: the local stack and the processes on it."""

import contextlib
import difflib
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import Annotated

import httpx
import typer

from deploy.cli import keys
from deploy.cli.deployment import (
    LOG_KEY,
    MASTER_KEY,
    PROCESSES,
    WITH_HTTP,
    base_url,
    current,
    environment,
    run,
    settings_of,
)
from deploy.cli.output import console, fail
from deploy.cli.telling import say, telling
from deploy.local import Stack, StackError, StackSettings, attach, down, status, supervision, up
from deploy.local.processes import TELL_SECONDS
from deploy.local.stack import SERVERS, state_of
from deploy.program import command
from services.platform.authorship import LogKeys
from services.platform.keys import Keys
from services.platform.settings import Settings

_IDLE_SECONDS = 120.0
"""A service that does not answer is waited for as long as it does something, and so long after that."""


def register(app: typer.Typer) -> None:
    """Hang these commands into the root."""
    app.command("up")(start)
    app.command("down")(stop)
    app.command("restart")(restart)


def launch(tell: Callable[[str], None] = say, *, supervisor: bool = True) -> Stack:
    """Start what does not run of servers and services, and return when all of them serve what this code says.

    What runs is left alone; where something cannot be started, what was started is stopped again. What other
    code has filled of ledgers and findings is rebuilt; where that fails all goes on running as it does.
    """
    with telling(tell) as speak:
        stack, begun = _launch(speak, supervisor)
    _bring_up_to_date(stack, begun, tell)
    return stack


def _bring_up_to_date(stack: Stack, begun: list[str], tell: Callable[[str], None]) -> None:
    from deploy.cli.rebuilding import rebuild_due

    for what in rebuild_due(current(), tell):
        for service in what.services:
            if service not in begun:
                # It ran before, so it may run the code of before, which leaves the new generation alone.
                stack.stop(service)
                start_service(stack, service)


def _launch(tell: Callable[[str], None], supervisor: bool) -> tuple[Stack, list[str]]:
    # Whoever stops or restarts something need not wait for these.
    from deploy.cli.access import make_operator
    from deploy.migrations import apply_roles, upgrade
    from services.platform.signing import note_signed
    from services.platform.topics import create_topics

    settings = StackSettings.from_environment()
    alive = {process.name for process in status(settings) if process.running}
    stack = up(settings, tell)
    try:
        platform = settings_of(environment(stack.kafka, stack.database_url))
        key_file = platform.master_key_file
        if key_file == MASTER_KEY.resolve() and not key_file.exists():
            tell(f"Making the master key {key_file}: back it up, sealed values cannot be read without it")
            Keys.create(key_file)
        tell("Bringing the database's durable tables up to date, and the topics")
        upgrade(platform.database_url)
        if settings.database_url is None:
            run(apply_roles(platform.database_url))
        _make_log_key(platform, tell)
        made = run(create_topics(platform))
        # Where nothing of ours ran, nobody wrote who does not sign; of others' machines we know nothing.
        alone = settings.kafka is None and alive.isdisjoint(PROCESSES)
        run(note_signed(platform, made, older=alone))
        run(make_operator(platform.database_url, tell))
        begun = [name for name in PROCESSES if start_service(stack, name)]
        tell(f"Starting {', '.join(begun)}" if begun else "All services run already")
        _await_services(stack, list(PROCESSES), tell)
        if supervisor and supervision.NAME not in alive:
            _start_supervisor(stack)
    except BaseException:
        down(settings, spare=alive)
        raise
    return stack, begun


def _make_log_key(platform: Settings, tell: Callable[[str], None]) -> None:
    from services.platform.signing import anything_signed

    if platform.log_key_file != LOG_KEY.resolve() or platform.log_key_file.exists():
        return
    if run(anything_signed(platform)):
        raise StackError(
            f"The log key {platform.log_key_file} is missing, and what stands on the log is signed with it: "
            "restore it from its backup."
        )
    tell(f"Making the log key {platform.log_key_file}: back it up, nothing signed is read without it")
    LogKeys.create(platform.log_key_file)


def start_service(stack: Stack, name: str) -> bool:
    """Start one process of ours on a running stack; whether it did not run already, on these servers.

    In a PostgreSQL of our own it works as its own role; in another one as whom the settings name.
    """
    from deploy.migrations import url_as
    from deploy.migrations.roles import OF_SERVICE

    url = stack.database_url
    if stack.settings.database_url is None:
        url = url_as(url, OF_SERVICE[PROCESSES[name][0]])
    wanted = environment(stack.kafka, url)
    if name in WITH_HTTP:
        wanted["DIBAO_PORT"] = str(stack.port(name))
    if stack.is_there(name):
        if wanted.items() <= stack.record(name).environment.items():
            return False
        stack.stop(name)
    stack.start(name, command("deploy.cli", "serve", *PROCESSES[name]), wanted)
    return True


def _start_supervisor(stack: Stack) -> None:
    # Not told where the servers are: it would take them for servers that are none of its business.
    stack.start(supervision.NAME, supervision.command_of(stack.root), told=False)


def _await_services(stack: Stack, names: list[str], tell: Callable[[str], None]) -> None:
    waiting = {
        name: (base_url(stack.port(name)) + "/health", stack.headway(name))
        for name in names
        if name in WITH_HTTP
    }
    began = told = time.monotonic()
    while waiting:
        for name in names:
            if not stack.is_running(name):
                raise StackError(
                    f"The service {name} ended while it started; its log says why: {stack.log(name)}"
                )
        for name, (url, _) in list(waiting.items()):
            try:
                if httpx.get(url, timeout=2, follow_redirects=True).status_code == 200:
                    del waiting[name]
            except httpx.HTTPError:
                continue
        idle = [name for name, (_, headway) in waiting.items() if headway.idle_seconds() > _IDLE_SECONDS]
        if idle:
            raise StackError(
                f"{', '.join(idle)} did not answer, and did nothing for {_IDLE_SECONDS:.0f} s; see the logs "
                f"in {stack.log(idle[0]).parent}."
            )
        if time.monotonic() - told >= TELL_SECONDS and waiting:
            told = time.monotonic()
            tell(f"  {told - began:.0f} s: waiting for {', '.join(waiting)}")
        time.sleep(0.2)


def start(
    foreground: Annotated[
        bool,
        typer.Option(
            "--foreground",
            help="Stay, and stop everything at Ctrl-C or SIGTERM: for a service manager such as systemd.",
        ),
    ] = False,
) -> None:
    """Start Kafka, PostgreSQL and all services, on the data of last time if there are any.

    What runs already is left alone, so this also heals a stack of which something died. A supervisor starts
    again what dies later. After an upgrade ledgers and findings are rebuilt where they have to be.
    """
    if foreground:
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    stack = launch(supervisor=not foreground)
    console.print("[green]dibao is up.[/]")
    for name, services in PROCESSES.items():
        if name in WITH_HTTP:
            below = f" /{' /'.join(services)}" if len(services) > 1 else ""
            console.print(f"  {name:<12} {base_url(stack.port(name))}{below}", soft_wrap=True)
    if not foreground:
        logs = f"logs are in {stack.log('x').parent}"
        if stack.settings.kafka is None:
            logs += f", Kafka's is {stack.log('kafka')}"
        console.print(f"Stop it with `dibao down`; {logs}.", soft_wrap=True)
        return
    with contextlib.suppress(KeyboardInterrupt):
        supervision.supervise(stack.settings, threading.Event(), say)
    with telling() as tell:
        down(stack.settings, say=tell)
    console.print("dibao is down.")


def restart(
    names: Annotated[list[str], typer.Argument(help="kafka, postgres, or a process as `status` names it.")],
) -> None:
    """Stop processes, and start them again; the others go on meanwhile and wait for them."""
    known = [*SERVERS, *PROCESSES, supervision.NAME]
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            meant = f" Did you mean {near[0]}?" if near else ""
            raise fail(f"There is no process {name}; expected one of: {', '.join(known)}.{meant}", 2)
    stack = attach(StackSettings.from_environment())
    with telling() as tell:
        for name in names:
            tell(f"Restarting {name}")
            if name in SERVERS:
                stack.restart(name, tell)
                continue
            stack.stop(name)
            if name == supervision.NAME:
                _start_supervisor(stack)
            else:
                start_service(stack, name)
        _await_services(stack, [name for name in names if name in PROCESSES], tell)
    console.print(f"Restarted: {', '.join(names)}.")


def stop(
    purge: Annotated[
        bool,
        typer.Option(
            "--purge",
            help="Delete the data of Kafka and PostgreSQL in this checkout, and the logs. The keys that "
            "opened them are moved to .local/keys/old, or stay where other servers may hold what they open.",
        ),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="With --purge: do not ask.")] = False,
) -> None:
    """Stop all services, then the servers; nothing stays behind."""
    settings = StackSettings.from_environment()
    needed = keys.needed_by(settings, state_of(settings)) if purge else []
    if purge and not yes:
        _ask_before_purge(settings)
    with telling() as tell:
        killed = down(settings, purge, tell)
    if needed:
        say(f"The keys in {keys.KEYS} stay: {'; '.join(needed)}")
    elif purge and (old := keys.put_aside()) is not None:
        say(f"The keys that opened these data are in {old} now: delete them when nothing sealed is left")
    if killed:
        console.print(f"[yellow]Had to be killed: {', '.join(killed)}[/]")
    console.print("dibao is down." + (" Its data are deleted." if purge else ""))


def _ask_before_purge(settings: StackSettings) -> None:
    what = f"all facts and findings of this checkout ({settings.root / 'data'})"
    if not sys.stdin.isatty():
        raise fail(
            f"`dibao down --purge` deletes {what} and asks before it does, but there is no terminal here: "
            "say `dibao down --purge --yes` if that is meant. Nothing was stopped or deleted.",
            2,
        )
    if not typer.confirm(f"Delete {what} for ever?"):
        raise fail("Nothing was stopped or deleted.")
