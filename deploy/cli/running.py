"""``dibao up | down | restart | failover``: the local stack and the processes on it."""

import contextlib
import difflib
import signal
import sys
import threading
from collections.abc import Callable
from typing import Annotated

import typer

from deploy import keys, launching
from deploy.cli.output import console, fail
from deploy.cli.telling import say, telling
from deploy.deployment import PROCESSES, WITH_HTTP, base_url
from deploy.local import Stack, StackSettings, attach, down, supervision
from deploy.local.kafka import NAME as KAFKA
from deploy.local.stack import SERVERS, kind_of, state_of


def register(app: typer.Typer) -> None:
    """Hang these commands into the root."""
    app.command("up")(start)
    app.command("down")(stop)
    app.command("restart")(restart)
    app.command("failover")(fail_over)


def launch(
    tell: Callable[[str], None] = say, *, supervisor: bool = True, brokers: int = 0, replica: bool = False
) -> Stack:
    """Start what does not run of servers and services, and return when all of them serve what this code says.

    What runs this code with the settings of now is left alone; where something cannot be started, what was
    started is stopped again. What other code has filled of ledgers and findings is rebuilt; where that fails
    all goes on as it does.
    """
    # Whoever stops or restarts something need not wait for this.
    from deploy.cli.rebuilding import progress_of

    with telling(tell) as speak:
        stack = launching.launch(speak, supervisor=supervisor, brokers=brokers, replica=replica)
    launching.bring_up_to_date(stack, tell, progress_of)
    return stack


def start(
    foreground: Annotated[
        bool,
        typer.Option(
            "--foreground",
            help="Stay, and stop everything at Ctrl-C or SIGTERM: for a service manager such as systemd.",
        ),
    ] = False,
    brokers: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=9,
            help="How many Kafka processes, where the data are new. Of three every topic has three copies.",
        ),
    ] = None,
    replica: Annotated[
        bool,
        typer.Option(
            "--replica", help="Give PostgreSQL a replica: it has what is committed, before that is said."
        ),
    ] = False,
) -> None:
    """Start Kafka, PostgreSQL and all services, on the data of last time if there are any.

    What runs already is left alone, so this also heals a stack of which something died. A supervisor starts
    again what dies later. What runs the code or has the settings (DIBAO_...) of before is restarted, and
    ledgers and findings are rebuilt where they have to be.
    """
    if foreground:
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    stack = launch(supervisor=not foreground, brokers=brokers or 0, replica=replica)
    console.print("[green]dibao is up.[/]")
    for name, services in PROCESSES.items():
        if name in WITH_HTTP:
            below = f" /{' /'.join(services)}" if len(services) > 1 else ""
            console.print(f"  {name:<12} {base_url(stack.port(name))}{below}", soft_wrap=True)
    if not foreground:
        logs = f"logs are in {stack.log('x').parent}"
        if stack.settings.kafka is None:
            logs += f", Kafka's is {stack.log(KAFKA)}"
        console.print(f"Stop it with `dibao down`; {logs}.", soft_wrap=True)
        return
    with contextlib.suppress(KeyboardInterrupt):
        supervision.supervise(stack.settings, threading.Event(), say)
    with telling() as tell:
        down(stack.settings, say=tell)
    console.print("dibao is down.")


def fail_over() -> None:
    """Make the replica of the local PostgreSQL the one that is written to, and end the other one.

    Nothing that was acknowledged is lost: the replica had it before. Services find the new one by themselves;
    `dibao up` gives it a replica, made of it.
    """
    stack = attach(StackSettings.from_environment())
    with telling() as tell:
        name = stack.fail_over(tell)
    console.print(f"{name} is written to now. It has no replica until the next `dibao up`.")


def restart(
    names: Annotated[list[str], typer.Argument(help="kafka, postgres, or a process as `status` names it.")],
) -> None:
    """Stop processes, and start them again; the others go on meanwhile and wait for them."""
    settings = StackSettings.from_environment()
    kept = state_of(settings)
    servers = [name for name in kept.processes if kind_of(name)] if kept is not None else []
    known = [*(servers or SERVERS), *PROCESSES, supervision.NAME]
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            meant = f" Did you mean {near[0]}?" if near else ""
            raise fail(f"There is no process {name}; expected one of: {', '.join(known)}.{meant}", 2)
    stack = attach(settings)
    with telling() as tell:
        for name in names:
            tell(f"Restarting {name}")
            if kind_of(name) is not None:
                stack.restart(name, tell)
                continue
            stack.stop(name)
            if name == supervision.NAME:
                launching.start_supervisor(stack)
            else:
                launching.start_service(stack, name)
        launching.await_services(stack, [name for name in names if name in PROCESSES], tell)
    console.print(f"Restarted: {', '.join(names)}.")


def stop(
    purge: Annotated[
        bool,
        typer.Option(
            "--purge",
            help="Delete the data of Kafka and PostgreSQL in this checkout, the journal and the logs. The "
            "keys that opened them are moved to .local/keys/old, or stay where other servers may hold what "
            "they open.",
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
