"""``dibao status``: every process, whatever of the stack is dead."""

import asyncio
import logging
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

import asyncpg
import httpx
import typer
from aiokafka.errors import KafkaError

from deploy.cli.output import Format, FormatOption, console, fail, show
from deploy.cli.progress import Progress, progress
from deploy.deployment import PROCESSES, WITH_HTTP, base_url, current, run, urls_of
from deploy.local import StackSettings
from deploy.local import status as processes_of
from deploy.local.postgres import NAMES as DATABASES
from deploy.local.settings import CHECKOUT
from deploy.local.stack import SERVERS, kind_of, port_of, state_of
from deploy.rebuilding import Derived
from events.catalogue import UPSTREAM_CONTEXTS, dead_letter_topic, intake_topic, log_topic
from services.platform.database import open_pool
from services.platform.log import cluster_id
from services.platform.settings import Settings
from services.platform.signing import unsigned_topics

RUNS, ENDED, SILENT, WAITS = "运行", "已停", "无应答", "停滞"

_ASK_SECONDS = 5.0
_COUNT_SECONDS = 30.0
_AWAY = (OSError, TimeoutError, KafkaError, asyncpg.PostgresError, asyncpg.InterfaceError)


def register(app: typer.Typer) -> None:
    """Hang this command into the root."""
    app.command("status")(status)


def status(form: FormatOption = Format.table) -> None:
    """Show every process: its addresses, pid, memory, lag, queues, and what it waits for.

    Ends with code 1 where something is dead, does not answer or stands still.
    """
    rows = look(StackSettings.from_environment()).rows
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
    wrong = [row["name"] for row in rows if row["state"] != RUNS]
    if form is Format.table:
        for line in _addresses(current().settings):
            console.print(line, soft_wrap=True)
        if any(row["state"] == ENDED for row in rows):
            console.print("已停的进程由 `dibao up` 重新启动(运行中的不受影响)。")
    if wrong:
        raise typer.Exit(1)


class Look(NamedTuple):
    """What was found of a deployment: a row a process, how far pipelines are, who does not answer and how.

    ``unsigned``: topics on which unsigned records are taken.
    """

    rows: list[dict[str, Any]]
    progress: Progress | None
    unsigned: list[str]
    silent: dict[str, str]


def look(settings: StackSettings) -> Look:
    """Look at all of a deployment. Ends the command where none is there."""
    kept = state_of(settings)
    elsewhere = settings.kafka is not None and settings.database_url is not None
    if not elsewhere and (kept is None or not kept.kafka):
        raise fail("The stack is not running: `dibao up` starts it.")
    ports = kept.ports if kept is not None else {}
    rows = _rows(settings, ports, elsewhere)
    running = [row["name"] for row in rows if row["name"] in ports and row["state"] == RUNS]
    bases = {name: base_url(ports[name]) for name in running if name in WITH_HTTP}
    return Look(rows, *run(_add_details(rows, bases)))


def _rows(settings: StackSettings, ports: Mapping[str, int], elsewhere: bool) -> list[dict[str, Any]]:
    found = {process.name: process for process in processes_of(settings)}
    servers = [
        name for kind in SERVERS for name in sorted(each for each in found if kind_of(each) == kind) or [kind]
    ]
    names = [*servers, *PROCESSES, *(name for name in found if name not in {*servers, *PROCESSES})]
    rows: list[dict[str, Any]] = []
    for name in names:
        process = found.get(name)
        row: dict[str, Any] = {"name": name, "pid": None, "memory_mb": None, "address": None, "detail": ""}
        if process is not None:
            row |= {
                "pid": process.pid,
                "memory_mb": round(process.memory / 1e6),
                "falls": process.falls,
                "log": process.log,
            }
            row["state"] = RUNS if process.running else ENDED
            if not process.running:
                row["detail"] = f"日志 {process.log}"
            elif process.frozen:
                row |= {"state": WAITS, "detail": f"被信号暂停：`kill -CONT {process.pid}`"}
            elif process.falls:
                row["detail"] = f"曾自动重启 {process.falls} 次"
            if name in DATABASES and _lacks_replica(found, ports):
                row["detail"] = "没有备库，运行 `dibao up` 重建"
        elif name in servers or (elsewhere and name in WITH_HTTP and name in ports):
            row["state"] = RUNS  # what this checkout has not started is known by its answer
        elif elsewhere:
            continue  # whoever started it knows
        else:
            row["state"] = ENDED
        rows.append(row)
    return rows


def _lacks_replica(found: Collection[str], ports: Collection[str]) -> bool:
    """Whether a PostgreSQL that had a replica has none now: it was failed over to, and is alone since."""
    both = [name for name in DATABASES if name in found]
    return len(both) == 1 and port_of(DATABASES[-1]) in ports


async def _add_details(
    rows: list[dict[str, Any]], bases: dict[str, str]
) -> tuple[Progress | None, list[str], dict[str, str]]:
    settings = current().settings
    found, unsigned, silent = await _look(settings)
    async with httpx.AsyncClient(timeout=5, follow_redirects=True) as client:
        for row in rows:
            name = row["name"]
            contexts = [service for service in PROCESSES.get(name, ()) if service in UPSTREAM_CONTEXTS]
            if found is not None and name in found.lags:
                row["lag"] = found.lags[name]
            elif found is not None and name == "alerting":
                row["lag"] = found.untold
            elif found is not None and contexts:
                row["lag"] = sum(found.taken[context].lag for context in contexts)
            if found is not None and name == "detection" and row["state"] == RUNS:
                row["detail"] = dict(found.detection)
            derived = {what.service: what.value for what in Derived}.get(name)
            if found is not None and derived in found.due and row["state"] == RUNS:
                row["state"] = WAITS
                row["detail"] = f"由其他版本生成，须重建：`dibao up` 或 `dibao rebuild {derived}`"
            if name == "kafka":
                row["address"] = settings.kafka
                if found is not None:
                    row["detail"] = _of_log(found, unsigned)
            if (kind := kind_of(name)) in silent and row["state"] == RUNS:
                row |= {"state": SILENT, "detail": silent[str(kind)]}
            if name in bases:
                row["address"] = bases[name]
                row["services"] = urls_of(name, bases[name])
            if name in bases:
                row |= await _health(client, bases[name])
    return found, unsigned, silent


def _of_log(found: Progress, unsigned: Sequence[str]) -> str:
    said = []
    if found.lost:
        said.append(f"曾丢失已确认的事实 {found.lost:,} 条，须由来源重新上报")
    if found.forged:
        said.append(f"日志中有 {found.forged:,} 条记录非本系统写入，均未采用（`dibao quarantine forged`）")
    if unsigned:
        said.append(f"{len(unsigned)} 个日志主题仍接受无签名的记录（`dibao topics apply --signed`）")
    return "；".join(said)


async def _look(settings: Settings) -> tuple[Progress | None, list[str], dict[str, str]]:
    """How far the pipelines are, where unsigned records are taken, which servers do not answer, and how."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # what it would say is said in the table
    silent: dict[str, str] = {}
    try:
        await cluster_id(settings, seconds=_ASK_SECONDS)
    except _AWAY as error:
        silent["kafka"] = type(error).__name__
    try:
        async with asyncio.timeout(_ASK_SECONDS):
            pool = await open_pool(settings.database_url, size=2)
    except _AWAY as error:
        silent["postgres"] = type(error).__name__
        return None, [], silent
    try:
        if silent:
            return None, [], silent
        async with asyncio.timeout(_COUNT_SECONDS):
            return await progress(settings, pool), await unsigned_topics(settings), silent
    except asyncpg.PostgresError as error:
        return None, [], {"postgres": type(error).__name__}
    except _AWAY as error:
        return None, [], {"kafka": type(error).__name__}
    finally:
        pool.terminate()


async def _health(client: httpx.AsyncClient, base: str) -> dict[str, Any]:
    try:
        answer = await client.get(f"{base}/health")
        found = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        return {"state": SILENT, "detail": f"{base}/health: {type(error).__name__}"}
    if answer.status_code == 200 and found["status"] == "ok":
        return {}
    errors = found.get("errors", [{"field": "", "detail": found.get("detail", "")}])
    said = "；".join(f"{error['field']} {error['detail']}".strip() for error in errors)
    return {"state": WAITS if answer.status_code == 200 else "不可用", "detail": said}


def _addresses(settings: Settings) -> list[str]:
    prefix = settings.topic_prefix
    shared = ", ".join(context for context in PROCESSES["registers"])
    return [
        f"HTTP   上报 POST <地址>/events, /files; 说明 <地址>/docs; registers 各在 <地址>/<名称>: {shared}",
        f"Kafka  {settings.kafka}  上报 {intake_topic(prefix, '<名称>')}  "
        f"日志 {log_topic(prefix, '<名称>')}  死信 {dead_letter_topic(prefix)}",
        f"202    {_survives(settings)}",
    ]


def _survives(settings: Settings) -> str:
    """What an acknowledged fact survives."""
    if settings.replication > 1:
        return "表示同步副本均已保存"
    if settings.flush:
        return "表示已写入这一台 Kafka 的磁盘：断电不丢，磁盘损坏则丢失"
    return "表示在这一台 Kafka 的内存中：进程被终止不丢，断电则丢失最后几秒，须重新上报"
