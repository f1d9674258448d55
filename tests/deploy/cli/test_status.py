"""`dibao status`: addresses, and what stands still."""

import json
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from deploy.cli import status
from deploy.cli.app import app
from deploy.cli.progress import Progress, Taken
from deploy.deployment import PROCESSES
from deploy.local import ProcessStatus
from deploy.local.state import StackState
from events.catalogue import UPSTREAM_CONTEXTS
from services.intake.backlog import Stall
from services.platform.offsets import behind
from services.platform.settings import Settings

STALL = Stall(7, 31.0, "UnsupportedCodecError").sentence()
ANSWERS = {
    "payments": (200, {"status": "degraded", "errors": [{"field": "x", "detail": STALL.chinese}]}),
    "vitals": (503, {"status": 503, "errors": [{"field": "", "detail": "数据库无法连接"}]}),
    "registers": (200, {"status": "ok", "contexts": {}}),
}


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> None:
    """A deployment of which everything is made up."""
    names = ["kafka", *PROCESSES]

    async def made_progress(*_: Any) -> Progress:
        taken = {context: Taken(3, 7 if context == "payments" else 0) for context in UPSTREAM_CONTEXTS}
        return Progress({"detection": 1, "projector": 2}, taken, {"dirty": 0}, 100, forged=3)

    async def made_unsigned(*_: Any) -> list[str]:
        return ["dibao.payments", "dibao.vitals"]

    async def pool(*_: Any, **__: Any) -> Any:
        return SimpleNamespace(terminate=lambda: None)

    async def cluster(*_: Any, **__: Any) -> str:
        return "cluster"

    def answer(request: httpx.Request) -> httpx.Response:
        name = names[int(request.url.port or 0) - 9000]
        if name == "custody":
            raise httpx.ConnectError("away")
        status, body = ANSWERS.get(name, (200, {"status": "ok", "context": name}))
        return httpx.Response(status, json=body)

    client = httpx.AsyncClient
    monkeypatch.setattr(httpx, "AsyncClient", lambda **more: client(transport=httpx.MockTransport(answer)))
    ports = {name: 9000 + number for number, name in enumerate(names)}
    settings = Settings(kafka="127.0.0.1:9092")
    monkeypatch.setattr(status, "progress", made_progress)
    monkeypatch.setattr(status, "unsigned_topics", made_unsigned)
    monkeypatch.setattr(status, "open_pool", pool)
    monkeypatch.setattr(status, "cluster_id", cluster)
    monkeypatch.setattr(status, "current", lambda: SimpleNamespace(settings=settings))
    monkeypatch.setattr(status, "state_of", lambda _: StackState("127.0.0.1:9092", "", ports))
    monkeypatch.setattr(
        status,
        "processes_of",
        lambda _: [ProcessStatus(name, 1, name != "policy", f"{name}.log", 0, 10**6, 0) for name in names],
    )


def test_each_process_has_its_addresses_and_what_it_waits_for(stack: None) -> None:
    told = CliRunner().invoke(app, ["status", "--format", "json"])
    assert told.exit_code == 1
    rows = json.loads(told.stdout)
    found = {row["name"]: row for row in rows}
    assert found["kafka"]["address"] == "127.0.0.1:9092"
    assert "3 条记录非本系统写入" in found["kafka"]["detail"]
    assert "2 个日志主题仍接受无签名的记录" in found["kafka"]["detail"]
    assert (found["payments"]["state"], found["payments"]["lag"]) == ("停滞", 7)
    assert "积压7条" in found["payments"]["detail"]
    assert (found["vitals"]["state"], found["vitals"]["detail"]) == ("不可用", "数据库无法连接")
    assert found["custody"]["state"] == "无应答"
    assert (found["policy"]["state"], found["policy"]["address"]) == ("已停", None)
    assert (found["enrollment"]["state"], found["enrollment"]["detail"]) == ("运行", "")
    base = found["registers"]["address"]
    assert found["registers"]["services"]["tekun"] == f"{base}/tekun"
    assert found["registers"]["state"] == "运行"
    addressed = {context for row in rows for context in row.get("services", {})}
    assert addressed >= set(UPSTREAM_CONTEXTS) - {"policy"}


def test_what_a_signal_has_stopped_stands_still(stack: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not asked what it does; what waits for nothing and was restarted says how often."""
    monkeypatch.setattr(
        status,
        "processes_of",
        lambda _: [
            ProcessStatus("projector", 4711, True, "projector.log", 0, 10**6, 2, frozen=True),
            ProcessStatus("closer", 4712, True, "closer.log", 0, 10**6, 5),
        ],
    )
    told = CliRunner().invoke(app, ["status", "--format", "json"])
    found = {row["name"]: row for row in json.loads(told.stdout)}
    assert told.exit_code == 1
    assert (found["projector"]["state"], found["projector"]["detail"]) == (
        "停滞",
        "被信号暂停：`kill -CONT 4711`",
    )
    assert (found["closer"]["falls"], found["closer"]["detail"]) == (5, "曾自动重启 5 次")


def test_what_waits_for_a_rebuild_stands_still(stack: None, monkeypatch: pytest.MonkeyPatch) -> None:
    async def waiting(*_: Any) -> Progress:
        found = {"generation": 1, "dirty": 0, "outbox": 0, "sweeps": [], "idle": False, "rebuild_due": True}
        taken = {context: Taken(0, 0) for context in UPSTREAM_CONTEXTS}
        return Progress({"detection": 1, "projector": 2}, taken, found, 100, due=("detection", "projection"))

    monkeypatch.setattr(status, "progress", waiting)
    told = CliRunner().invoke(app, ["status", "--format", "json"])
    found = {row["name"]: row for row in json.loads(told.stdout)}
    assert told.exit_code == 1
    for process, derived in (("detection", "detection"), ("projector", "projection")):
        assert found[process]["state"] == "停滞"
        assert f"须重建：`dibao up` 或 `dibao rebuild {derived}`" in found[process]["detail"]


def test_the_table_ends_with_how_to_hand_over(stack: None) -> None:
    said = CliRunner().invoke(app, ["status"]).output
    assert "停滞" in said
    assert "POST <地址>/events" in said
    assert "dibao.intake.<名称>" in said
    assert "dibao.dlq" in said


@pytest.mark.parametrize(
    ("running", "ports", "lacks"),
    [
        (["postgres"], ["postgres"], False),
        (["postgres", "postgres-2"], ["postgres", "postgres_2"], False),
        (["postgres-2"], ["postgres", "postgres_2"], True),
    ],
)
def test_a_database_that_was_failed_over_to_has_no_replica(
    running: list[str], ports: list[str], lacks: bool
) -> None:
    assert status._lacks_replica(running, ports) is lacks


def test_what_was_read_while_ends_were_counted_is_no_backlog_and_hides_none() -> None:
    ends = {
        ("dibao.payments", 0): 5,
        ("dibao.payments", 1): 9,
        ("dibao.vitals", 0): 4,
        ("dibao.policy", 0): 7,
    }
    held = {("dibao.payments", 0): 7, ("dibao.payments", 1): 7, ("dibao.policy", 0): 1}
    assert behind(ends, held, ["dibao.payments", "dibao.vitals"]) == 6
    assert behind(ends, {("dibao.payments", 0): 8, ("dibao.payments", 1): 9}, ["dibao.payments"]) == 0
