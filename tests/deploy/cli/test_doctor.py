"""`dibao doctor`: given what was found of a deployment, these sentences and what to do."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from deploy.cli.doctor import Database, Disk, Grade, MasterKey, Seen, _ask, _is_open, diagnose
from deploy.cli.progress import Progress, Taken
from services.platform.database import connected

NOW = datetime(2021, 9, 2, 3, tzinfo=UTC)
IDLE = {"outbox_seconds": 0, "applied_day": "2021-09-01", "set_aside": 0}


def seen(**more: Any) -> list[tuple[Grade, str, str]]:
    """What is said of a deployment in which all is well but for this."""
    well: dict[str, Any] = {
        "processes": [{"name": "payments", "state": "运行", "detail": ""}],
        "progress": progress(),
        "database": Database(0.01, 40, 200, 3.0),
        "disks": [Disk("/srv/dibao", 80 * 10**9, 100 * 10**9)],
    }
    return [(one.grade, one.what, one.remedy) for one in diagnose(Seen(now=NOW, **{**well, **more}))]


def progress(detection: dict[str, Any] | None = None, **more: Any) -> Progress:
    lags = more.pop("lags", {"detection": 3, "projector": 0})
    return Progress(lags, {"payments": Taken(3, 0)}, {**IDLE, **(detection or {})}, 100, **more)


def test_where_all_is_well_nothing_is_said() -> None:
    assert seen() == []


@pytest.mark.parametrize(
    ("found", "grade", "what", "remedy"),
    [
        ({"silent": {"kafka": "TimeoutError"}, "progress": None}, "故障", "kafka 无应答", "dibao up"),
        (
            {"processes": [{"name": "closer", "state": "已停", "detail": "日志 /x"}]},
            "故障",
            "closer 已停",
            "日志 /x",
        ),
        (
            {"processes": [{"name": "vitals", "state": "停滞", "detail": "…"}]},
            "故障",
            "vitals 停滞",
            "restart vitals",
        ),
        ({"master_key": MasterKey.missing}, "故障", "不存在：已封存的姓名", "备份恢复该文件"),
        ({"master_key": MasterKey.other}, "故障", "不是封存本库所用的那一个", "备份恢复该文件"),
        ({"master_key": MasterKey.tokens}, "故障", "与本库令牌的算法不符", "设回原值"),
        ({"progress": progress(lost=1200)}, "故障", "丢失过 1,200 条", "重新上报"),
        (
            {"progress": progress(due=("detection",))},
            "故障",
            "detection 由其他版本生成",
            "dibao rebuild detection",
        ),
        (
            {"progress": progress(lags={"projector": 60_000})},
            "隐患",
            "projector 落后日志 60,000 条",
            "同名进程",
        ),
        ({"progress": progress(forged=3)}, "隐患", "3 条非本系统写入", "quarantine forged"),
        ({"progress": progress({"outbox_seconds": 300})}, "故障", "等待公布已 300 秒", "topics apply"),
        (
            {"progress": progress({"applied_day": "2021-08-20"})},
            "隐患",
            "最近一次日终是 2021-08-20",
            "2021-09-01",
        ),
        (
            {"progress": progress({"set_aside": 2})},
            "隐患",
            "2 个编号报送过不同内容",
            "dibao anomalies",
        ),
        ({"unsigned": ["dibao.payments"]}, "隐患", "1 个日志主题", "topics apply --signed"),
        ({"database": Database(-7.2, 40, 200, 3.0)}, "故障", "时钟与 PostgreSQL 相差 -7 秒", "NTP"),
        ({"database": Database(0.0, 190, 200, 3.0)}, "隐患", "200 个连接已用 190 个", "max_connections"),
        ({"database": Database(0.0, 40, 200, 1800.0)}, "隐患", "已开启 30 分钟", "pg_stat_activity"),
        (
            {"database": Database(0.0, 40, 200, 40.0, [4711])},
            "故障",
            "会话 4711 持有其他会话等待的锁",
            "pg_terminate_backend(4711)",
        ),
        (
            {
                "processes": [
                    {"name": "vitals", "state": "运行", "detail": "", "falls": 4, "log": "/x/vitals.log"}
                ]
            },
            "隐患",
            "vitals 已自动重启 4 次",
            "/x/vitals.log",
        ),
        (
            {
                "silent": {"postgres": "TimeoutError"},
                "database": None,
                "processes": [{"name": "vitals", "state": "不可用", "detail": "数据库无法连接"}],
            },
            "故障",
            "postgres 无应答",
            "dibao up",
        ),
        ({"disks": [Disk("/srv", 4 * 10**9, 40 * 10**9)]}, "隐患", "只剩 4.0 GB", "扩容"),
        ({"disks": [Disk("/srv", 10**8, 40 * 10**9)]}, "故障", "只剩 0.1 GB", "扩容"),
        (
            {"open_keys": ["/keys/master.key"]},
            "隐患",
            "master.key 其他用户可读",
            "chmod 600 /keys/master.key",
        ),
    ],
)
def test_what_is_wrong_is_said_with_what_to_do(
    found: dict[str, Any], grade: str, what: str, remedy: str
) -> None:
    ((said_grade, said_what, said_remedy),) = seen(**found)
    assert said_grade == grade
    assert what in said_what and remedy in said_remedy


def test_a_server_that_a_signal_has_stopped_is_silent_and_said_to_be_stopped() -> None:
    stopped = {"name": "kafka", "state": "停滞", "detail": "被信号暂停：`kill -CONT 4711`"}
    away, how = seen(silent={"kafka": "TimeoutError"}, processes=[stopped], progress=None)
    assert "kafka 无应答" in away[1]
    assert "kill -CONT 4711" in how[1]


def test_nobody_is_told_to_restart_what_waits_for_a_rebuild() -> None:
    waiting = [
        {"name": name, "state": "停滞", "detail": "由其他版本生成"} for name in ("detection", "projector")
    ]
    said = seen(processes=waiting, progress=progress(due=("detection", "projection")))
    assert [remedy for _, _, remedy in said] == [
        "`dibao up`，或 `dibao rebuild detection`",
        "`dibao up`，或 `dibao rebuild projection`",
    ]
    ended = [{"name": "projector", "state": "已停", "detail": ""}]
    assert len(seen(processes=ended, progress=progress(due=("projection",)))) == 2


async def test_the_session_whose_lock_others_wait_for_is_found(database: str) -> None:
    """One that has held it for a while; who waits is not named, nor a lock that nobody waits for."""
    async with connected(database) as holding, connected(database) as waiting:
        await holding.execute("CREATE TABLE held (); CREATE TABLE free ()")
        began = holding.transaction()
        await began.start()
        await holding.execute("LOCK TABLE held, free")
        assert (await _ask(database, "0 seconds")).holding == []
        wait = asyncio.ensure_future(waiting.execute("SELECT FROM held"))
        pid = holding.get_server_pid()
        async with asyncio.timeout(60):
            while (await _ask(database, "0 seconds")).holding != [pid]:
                await asyncio.sleep(0.05)
        assert (await _ask(database)).holding == []
        await began.rollback()
        await asyncio.gather(wait, return_exceptions=True)


def test_a_day_not_closed_this_night_is_no_matter_yet() -> None:
    assert seen(progress=progress({"applied_day": "2021-08-31"})) == []


def test_a_key_is_open_where_neither_file_nor_folder_keeps_others_out(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    folder.mkdir()
    file = folder / "master.key"
    file.write_text("00")
    for mode, entered, is_open in ((0o644, 0o755, True), (0o600, 0o755, False), (0o644, 0o700, False)):
        file.chmod(mode)
        folder.chmod(entered)
        assert _is_open(file) is is_open
    assert not _is_open(folder / "none")
