"""``dibao up | down | status``: the local stack and the processes on it."""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer

from deploy.command import keys
from deploy.command.deployment import (
    MASTER_KEY,
    PROCESSES,
    WITH_HTTP,
    current,
    environment,
    run,
    urls_of,
)
from deploy.command.output import Format, FormatOption, console, fail, show
from deploy.command.progress import progress
from deploy.local import Stack, StackError, StackSettings, attach, down, up
from deploy.local import status as processes_of
from deploy.local.stack import state_of
from deploy.local.settings import CHECKOUT
from deploy.migrations import upgrade
from deploy.program import command
from events.catalogue import UPSTREAM_CONTEXTS, dead_letter_topic, intake_topic, log_topic
from services.platform.database import open_pool
from services.platform.keys import Keys
from services.platform.settings import Settings
from services.platform.topics import create_topics

_READY_SECONDS = 120.0


def register(app: typer.Typer) -> None:
    """Hang these commands into the root."""
    app.command("up")(start)
    app.command("down")(stop)
    app.command("status")(status)


def say(sentence: str) -> None:
    """Say what is being done."""
    console.print(f"[dim]·[/] {sentence}", soft_wrap=True)


def launch(tell: Callable[[str], None] = say) -> Stack:
    """Start servers and services and return when all of them serve; leave nothing running on failure."""
    settings = StackSettings.from_environment()
    stack = up(settings, tell)
    try:
        named = environment(stack.kafka, stack.database_url)
        key_file = Path(named["DIBAO_MASTER_KEY_FILE"])
        platform = Settings(
            kafka=named["DIBAO_KAFKA"], database_url=named["DIBAO_DATABASE_URL"], master_key_file=key_file
        )
        if key_file == MASTER_KEY and not key_file.exists():
            tell(f"Making the master key {key_file}: back it up, sealed values cannot be read without it")
            Keys.create(key_file)
        tell("Bringing the database's durable tables up to date, and the topics")
        upgrade(platform.database_url)
        run(create_topics(platform))
        tell(f"Starting {', '.join(PROCESSES)}")
        for name in PROCESSES:
            start_service(stack, name)
        _await_services(stack)
    except BaseException:
        down(settings)
        raise
    return stack


def start_service(stack: Stack, name: str) -> None:
    """Start one process of ours on a running stack."""
    extra = environment(stack.kafka, stack.database_url)
    if name in WITH_HTTP:
        extra["DIBAO_PORT"] = str(stack.port(name))
    stack.start(name, command("deploy.command", "serve", *PROCESSES[name]), extra)


def _await_services(stack: Stack) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    waiting = {name: f"http://127.0.0.1:{stack.port(name)}/health" for name in WITH_HTTP}
    while waiting:
        for name in PROCESSES:
            if not stack.is_running(name):
                raise StackError(
                    f"The service {name} ended while it started; its log says why: {stack.log(name)}"
                )
        for name, url in list(waiting.items()):
            try:
                if httpx.get(url, timeout=2, follow_redirects=True).status_code == 200:
                    del waiting[name]
            except httpx.HTTPError:
                continue
        if time.monotonic() > deadline:
            raise StackError(
                f"After {_READY_SECONDS:.0f} s {', '.join(waiting)} did not answer; see the logs in "
                f"{stack.log('')!s}".replace("/.log", "")
            )
        time.sleep(0.2)


def start() -> None:
    """Start Kafka, PostgreSQL and all services, on the data of last time if there are any."""
    stack = launch()
    console.print("[green]dibao is up.[/]")
    for name, services in PROCESSES.items():
        if name in WITH_HTTP:
            below = f" /{' /'.join(services)}" if len(services) > 1 else ""
            console.print(f"  {name:<12} http://127.0.0.1:{stack.port(name)}{below}", soft_wrap=True)
    console.print("Stop it with `dibao down`; logs are in .local/log.")


def stop(
    purge: Annotated[
        bool,
        typer.Option(
            "--purge",
            help="Delete the data of Kafka and PostgreSQL in this checkout, and the logs. The keys that opened "
            "them are moved to .local/keys/old; they stay where other servers may hold what they open.",
        ),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="With --purge: do not ask.")] = False,
) -> None:
    """Stop all services, then the servers; nothing stays behind."""
    settings = StackSettings.from_environment()
    needed = keys.needed_by(settings, state_of(settings)) if purge else []
    if purge and not yes:
        _ask_before_purge(settings)
    killed = down(settings, purge, say)
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
            f"`dibao down --purge` deletes {what} and asks before it does, but there is no terminal here: say "
            "`dibao down --purge --yes` if that is meant. Nothing was stopped or deleted.",
            2,
        )
    if not typer.confirm(f"Delete {what} for ever?"):
        raise fail("Nothing was stopped or deleted.")


def status(form: FormatOption = Format.table) -> None:
    """Show every process: its addresses, pid, memory, lag, queues, and what it waits for."""
    settings = StackSettings.from_environment()
    rows: list[dict[str, Any]] = [
        {
            "name": item.name,
            "pid": item.pid,
            "state": "运行" if item.running else "已停",
            "memory_mb": round(item.memory / 1e6),
            "address": None,
            "detail": "",
        }
        for item in processes_of(settings)
    ]
    if not rows:
        raise fail("The stack is not running: `dibao up` starts it.")
    stack = attach(settings)
    running = [row["name"] for row in rows if row["name"] in WITH_HTTP and row["state"] == "运行"]
    run(_add_details(rows, {name: f"http://127.0.0.1:{stack.port(name)}" for name in running}))
    show(
        rows,
        form,
        columns=[
            ("name", "进程"),
            ("pid", "PID"),
            ("state", "状态"),
            ("memory_mb", "内存 MB"),
            ("lag", "积压"),
            ("address", "地址"),
            ("detail", "详情"),
        ],
        title=f"dibao {CHECKOUT.name}",
    )
    if form is Format.table:
        for line in _addresses(current().settings):
            console.print(line, soft_wrap=True)


async def _add_details(rows: list[dict[str, Any]], bases: dict[str, str]) -> None:
    settings = current().settings
    pool = await open_pool(settings.database_url, size=2)
    try:
        found = await progress(settings, pool)
    finally:
        await pool.close()
    async with httpx.AsyncClient(timeout=5, follow_redirects=True) as client:
        for row in rows:
            name = row["name"]
            contexts = [service for service in PROCESSES.get(name, ()) if service in UPSTREAM_CONTEXTS]
            if name in found.lags:
                row["lag"] = found.lags[name]
            elif contexts:
                row["lag"] = sum(found.taken[context].lag for context in contexts)
            if name == "detection":
                row["detail"] = dict(found.detection)
            if name == "kafka":
                row["address"] = settings.kafka
            if name in bases:
                row["address"] = bases[name]
                row["services"] = urls_of(name, bases[name])
            if contexts and name in bases:
                row |= await _health(client, bases[name])


async def _health(client: httpx.AsyncClient, base: str) -> dict[str, Any]:
    try:
        answer = await client.get(f"{base}/health")
        found = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        return {"state": "无应答", "detail": f"{base}/health: {type(error).__name__}"}
    if answer.status_code == 200 and found["status"] == "ok":
        return {}
    said = "；".join(f"{error['field']} {error['detail']}".strip() for error in found["errors"])
    return {"state": "停滞" if answer.status_code == 200 else "不可用", "detail": said}


def _addresses(settings: Settings) -> list[str]:
    prefix = settings.topic_prefix
    shared = ", ".join(context for context in PROCESSES["registers"])
    return [
        f"HTTP   上报 POST <地址>/events, /files; 说明 <地址>/docs; registers 各在 <地址>/<名称>: {shared}",
        f"Kafka  {settings.kafka}  上报 {intake_topic(prefix, '<名称>')}  "
        f"日志 {log_topic(prefix, '<名称>')}  死信 {dead_letter_topic(prefix)}",
    ]
