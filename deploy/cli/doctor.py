"""``dibao doctor``: in sentences, what is wrong with this deployment and what to do about it."""

import shutil
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

import asyncpg
import typer

from deploy.cli import status
from deploy.cli.output import Format, FormatOption, console, show
from deploy.cli.progress import Progress
from deploy.deployment import current, run
from deploy.local import StackSettings
from deploy.local.stack import kind_of
from deploy.rebuilding import Derived
from events.values import SHANGHAI
from services.platform.database import connected
from services.platform.keys import KeyFileError, Keys
from services.platform.settings import Settings
from services.platform.vault import proof_of


class Grade(StrEnum):
    """How much it matters: something does not work; something will not, or loses its worth."""

    broken = "故障"
    risk = "隐患"


class Complaint(NamedTuple):
    """What is wrong, and what to do."""

    grade: Grade
    what: str
    remedy: str


class MasterKey(StrEnum):
    """Whether the master key that the vault was sealed with is here, and makes the tokens that it has.

    ``tokens``: the key is here, and the settings want tokens of other algorithms.
    """

    good = "good"
    missing = "missing"
    other = "other"
    tokens = "tokens"


class Disk(NamedTuple):
    """A folder's disk, in bytes."""

    folder: str
    free: int
    total: int


class Database(NamedTuple):
    """What PostgreSQL says of itself. Seconds; ``apart``: its clock before ours.

    ``holding``: the sessions for whose locks others wait, and have waited a while.
    """

    apart: float
    connections: int
    most: int
    oldest_transaction: float
    holding: Sequence[int] = ()


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What was found, at a moment. What could not be asked is None: who does not answer is complained of."""

    now: datetime
    processes: Sequence[Mapping[str, Any]] = ()
    silent: Mapping[str, str] = field(default_factory=dict)
    progress: Progress | None = None
    unsigned: Sequence[str] = ()
    database: Database | None = None
    disks: Sequence[Disk] = ()
    open_keys: Sequence[str] = ()
    master_key: MasterKey = MasterKey.good
    master_key_file: str = ""


_GIGABYTE = 10**9
_FREE_AT_LEAST, _FREE_SHARE = 5 * _GIGABYTE, 0.1
_CLOCK_SECONDS = 2.0
_FALLS = 3
_TRANSACTION_SECONDS = 15 * 60.0
_OUTBOX_SECONDS = 120.0
_CONNECTIONS_SHARE = 0.85
_BEHIND = 50_000


def diagnose(seen: Seen) -> Iterator[Complaint]:
    """Yield what is wrong, the gravest first within each kind of thing."""
    yield from _of_master_key(seen)
    yield from _of_processes(seen)
    if seen.progress is not None:
        yield from _of_log(seen.progress, seen.unsigned)
        yield from _of_detection(seen.progress.detection, seen.now)
    if seen.database is not None:
        yield from _of_database(seen.database)
    yield from _of_machine(seen)


def _of_processes(seen: Seen) -> Iterator[Complaint]:
    due = seen.progress.due if seen.progress is not None else ()
    waits_for_rebuild = {what.service for what in Derived if what in due}
    for server, error in seen.silent.items():
        yield Complaint(
            Grade.broken,
            f"{server} 无应答（{error}）",
            "上报方得到 503，会自行重试；启动该服务器，或用 `dibao up` 启动本机的",
        )
    for row in seen.processes:
        if row["state"] == status.ENDED:
            yield Complaint(
                Grade.broken,
                f"进程 {row['name']} 已停",
                f"`dibao up` 重新启动；原因见{row['detail'] or '其日志'}",
            )
        elif row["state"] == status.WAITS and row["name"] in waits_for_rebuild:
            continue  # said below of what is due; a restart would end an old one that still works
        elif row["state"] != status.RUNS and kind_of(row["name"]) is None and seen.silent:
            continue  # waits for the server, by which a restart would change nothing
        elif row["state"] == status.WAITS or (row["state"] != status.RUNS and row["name"] not in seen.silent):
            yield Complaint(
                Grade.broken,
                f"进程 {row['name']} {row['state']}：{row['detail']}",
                f"`dibao restart {row['name']}`；仍不恢复则查看其日志的最后几行",
            )
        if (falls := row.get("falls", 0)) > _FALLS:
            yield Complaint(
                Grade.risk,
                f"进程 {row['name']} 已自动重启 {falls} 次",
                f"每次的原因见日志 {row['log']}；`dibao restart {row['name']}` 之后重新计数",
            )


def _of_log(found: Progress, unsigned: Sequence[str]) -> Iterator[Complaint]:
    if found.lost:
        yield Complaint(
            Grade.broken,
            f"日志丢失过 {found.lost:,} 条已确认的事实",
            "由来源重新上报（重复的不会重复计算）；Kafka 用三个节点可避免",
        )
    for name in found.due:
        yield Complaint(
            Grade.broken,
            f"{name} 由其他版本生成，须重建：此前只有原版本的进程更新它",
            "`dibao up`，或 `dibao rebuild " + name + "`",
        )
    for name, lag in found.lags.items():
        if lag > _BEHIND:
            yield Complaint(
                Grade.risk,
                f"{name} 落后日志 {lag:,} 条",
                "导入之后属正常；持续增长时再启动一个同名进程",
            )
    if found.forged:
        yield Complaint(
            Grade.risk,
            f"日志中有 {found.forged:,} 条非本系统写入的记录，均未采用",
            "`dibao quarantine forged` 查明是谁写入的；收紧 Kafka 权限：`dibao topics apply`",
        )
    if unsigned:
        yield Complaint(
            Grade.risk,
            f"{len(unsigned)} 个日志主题仍接受无签名的记录",
            "所有进程均已升级后：`dibao topics apply --signed`",
        )


def _of_detection(found: Mapping[str, Any], now: datetime) -> Iterator[Complaint]:
    if (seconds := found.get("outbox_seconds", 0)) > _OUTBOX_SECONDS:
        yield Complaint(
            Grade.broken,
            f"有预警等待公布已 {seconds} 秒",
            "Kafka 是否拒绝写入（`dibao topics apply`）；`dibao restart detection`",
        )
    yesterday = now.astimezone(SHANGHAI).date() - timedelta(days=1)
    closed = found.get("applied_day")
    if closed is not None and date.fromisoformat(str(closed)) < yesterday - timedelta(days=1):
        yield Complaint(
            Grade.risk,
            f"最近一次日终是 {closed}，此后的期限未判定",
            f"确认业务仍在进行后：`dibao close-day {yesterday}`，此后每夜自动进行",
        )
    if aside := found.get("set_aside"):
        yield Complaint(
            Grade.risk,
            f"{aside:,} 个编号报送过不同内容，均未计入",
            "`dibao anomalies` 列出这些编号，请来源作废其中有误的",
        )


def _of_database(found: Database) -> Iterator[Complaint]:
    if abs(found.apart) > _CLOCK_SECONDS:
        yield Complaint(
            Grade.broken,
            f"本机时钟与 PostgreSQL 相差 {found.apart:.0f} 秒",
            "各服务器启用 NTP 对时：事实的登记时间以时钟为准",
        )
    if found.oldest_transaction > _TRANSACTION_SECONDS:
        yield Complaint(
            Grade.risk,
            f"有事务已开启 {found.oldest_transaction / 60:.0f} 分钟，妨碍清理",
            "select pid, state, query_start from pg_stat_activity order by xact_start；确认后结束该会话",
        )
    for pid in found.holding:
        yield Complaint(
            Grade.broken,
            f"PostgreSQL 会话 {pid} 持有其他会话等待的锁",
            f"select usename, state, query from pg_stat_activity where pid = {pid}；"
            f"确认后 select pg_terminate_backend({pid})",
        )
    if found.connections > found.most * _CONNECTIONS_SHARE:
        yield Complaint(
            Grade.risk,
            f"PostgreSQL 的 {found.most} 个连接已用 {found.connections} 个",
            "提高 max_connections，或减少同名进程",
        )


def _of_master_key(seen: Seen) -> Iterator[Complaint]:
    if seen.master_key is MasterKey.good:
        return
    if seen.master_key is MasterKey.tokens:
        yield Complaint(
            Grade.broken,
            "DIBAO_CIPHERS 或 DIBAO_TOKENS 与本库令牌的算法不符：受理不能启动",
            "令牌的算法自首次启动起不变：将 DIBAO_TOKENS 设回原值，见 docs/operations/ciphers.md",
        )
        return
    how = "不存在" if seen.master_key is MasterKey.missing else "不是封存本库所用的那一个"
    yield Complaint(
        Grade.broken,
        f"主密钥 {seen.master_key_file} {how}：已封存的姓名、号码和文字无人能再打开，也不能再受理上报",
        "从主密钥自己的备份恢复该文件；没有备份则无法挽回，见 docs/operations/keys.md",
    )


def _of_machine(seen: Seen) -> Iterator[Complaint]:
    for disk in seen.disks:
        if disk.free < max(_FREE_AT_LEAST, disk.total * _FREE_SHARE):
            grade = Grade.broken if disk.free < _GIGABYTE else Grade.risk
            yield Complaint(
                grade,
                f"{disk.folder} 所在磁盘只剩 {disk.free / _GIGABYTE:.1f} GB",
                "扩容，或移走其他数据；日志与数据库不得删除",
            )
    for file in seen.open_keys:
        yield Complaint(Grade.risk, f"密钥文件 {file} 其他用户可读", f"chmod 600 {file}")


def register(app: typer.Typer) -> None:
    """Hang this command into the root."""
    app.command("doctor")(doctor)


def doctor(form: FormatOption = Format.table) -> None:
    """Say in sentences what is wrong, and what to do. Ends with code 1 where something does not work."""
    complaints = list(diagnose(_look(StackSettings.from_environment())))
    if not complaints and form is Format.table:
        console.print("未发现问题。")
        return
    rows = [one._asdict() for one in complaints]
    show(rows, form, columns=[("grade", "程度"), ("what", "问题"), ("remedy", "处理")], title="dibao doctor")
    if any(one.grade is Grade.broken for one in complaints):
        raise typer.Exit(1)


def _look(stack: StackSettings) -> Seen:
    found = status.look(stack)
    deployment = current()
    settings = deployment.settings
    administrator = deployment.administrator or settings.database_url
    files = [settings.master_key_file, settings.log_key_file]
    return Seen(
        now=datetime.now(UTC),
        processes=found.rows,
        silent=found.silent,
        progress=found.progress,
        unsigned=found.unsigned,
        database=None if "postgres" in found.silent else run(_ask(administrator)),
        disks=[_disk(stack.root)] if stack.kafka is None or stack.database_url is None else [],
        open_keys=[str(file) for file in files if _is_open(file)],
        master_key=MasterKey.good if "postgres" in found.silent else run(master_key(settings)),
        master_key_file=str(settings.master_key_file),
    )


async def master_key(settings: Settings) -> MasterKey:
    """Say whether the master key that the vault was sealed with is here, and makes its tokens."""
    async with connected(settings.database_url) as connection:
        try:
            kept = await connection.fetchrow("SELECT proof, tokens FROM vault.key_check")
        except (
            asyncpg.UndefinedTableError,
            asyncpg.UndefinedColumnError,
            asyncpg.InsufficientPrivilegeError,
        ):
            return MasterKey.good  # of an earlier version
    if kept is None:
        return MasterKey.good
    try:
        keys = Keys.from_settings(settings)
    except KeyFileError:
        return MasterKey.missing
    if kept["proof"] != proof_of(keys):
        return MasterKey.other
    return MasterKey.good if kept["tokens"] == settings.token_family else MasterKey.tokens


def _disk(folder: Path) -> Disk:
    usage = shutil.disk_usage(folder)
    return Disk(str(folder), usage.free, usage.total)


def _is_open(file: Path) -> bool:
    """Whether others may read a file, and the folder that it is in does not keep them out."""
    if not file.is_file():
        return False
    readable = stat.S_IRGRP | stat.S_IROTH
    return bool(file.stat().st_mode & readable) and bool(file.parent.stat().st_mode & (readable >> 2))


_ASKED = """
select
    extract(epoch from clock_timestamp() - $1)::float8,
    (select count(*) from pg_stat_activity)::int,
    current_setting('max_connections')::int,
    coalesce((
        select extract(epoch from max(clock_timestamp() - xact_start)) from pg_stat_activity
        where pid <> pg_backend_pid()
    ), 0)::float8,
    array(
        select distinct holder.pid
        from pg_stat_activity as waiting
        cross join unnest(pg_blocking_pids(waiting.pid)) as held (pid)
        inner join pg_stat_activity as holder on holder.pid = held.pid
        where waiting.wait_event_type = 'Lock'
            and holder.xact_start < clock_timestamp() - $2::text::interval
    )
"""


async def _ask(database_url: str, a_while: str = "30 seconds") -> Database:
    """Ask as its administrator, where that can be: others are not shown what sessions are at."""
    async with connected(database_url) as connection:
        return Database(*await connection.fetchrow(_ASKED, datetime.now(UTC), a_while))
