"""A bank's own file at the command line: what it may be, what is kept of it, what becomes of it."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner, Result

from deploy.cli.app import app
from deploy.cli.serving import serve_services
from deploy.local import Stack
from deploy.migrations import upgrade
from services.platform.keys import Keys
from services.platform.log import read_log
from services.platform.settings import Settings
from services.platform.topics import create_topics
from tests.operator import OPERATOR_KEY, make_operator
from tests.ports import free_port
from tests.services.intake.banks import RURAL_BANK, STATE_BANK, card, id_number

Run = Callable[..., Awaitable[Result]]

BANK = "/bank/rural/500102"
OF_BANK = ("--source", BANK, "--context", "payments")
SAID = (
    *("--type", "paid", "--column", "户编号=户号", "--column", "姓名=户名", "--column", "卡号=账号"),
    *("--column", "实发金额=金额", "--column", "发放年月=发放月"),
    *("--constant", "救助类别=农村低保", "--constant", "发放类型=常规"),
    *("--from-name", r"到账日=(\d{4}-\d{2}-\d{2})", "--from-name", r"批次=(\d{4}-\d{2})"),
    *("--compose", "发放编号=批次+户号+发放月"),
)


def typed(*words: str | Path, code: int = 0, env: dict[str, str] | None = None) -> Result:
    """What is said to somebody who types a command."""
    result = CliRunner().invoke(app, [str(word) for word in words], env=env)
    assert result.exit_code == code, (words, result.output, result.exception)
    return result


@pytest.fixture
async def settings(stack: Stack, database: str, tmp_path: Path) -> AsyncIterator[Settings]:
    """Settings of a deployment of which the intake of payments runs."""
    settings = Settings(
        kafka=stack.kafka,
        database_url=database,
        topic_prefix=f"t{uuid.uuid4().hex[:8]}",
        master_key_file=tmp_path / "master.key",
        port=free_port(),
    )
    Keys.create(settings.master_key_file)
    await asyncio.to_thread(upgrade, database)
    await make_operator(database)
    await create_topics(settings)
    stop = asyncio.Event()
    service = asyncio.create_task(serve_services(["payments"], settings, stop))
    async with httpx.AsyncClient() as client:
        for _ in range(300):
            try:
                await client.get(f"http://127.0.0.1:{settings.port}/health")
                break
            except httpx.TransportError:
                await asyncio.sleep(0.1)
    yield settings
    stop.set()
    await service


@pytest.fixture
def run(settings: Settings) -> Run:
    """Types a command at that deployment."""
    env = {
        "DIBAO_OPERATOR_KEY": OPERATOR_KEY,
        "DIBAO_KAFKA": settings.kafka,
        "DIBAO_DATABASE_URL": settings.database_url,
        "DIBAO_TOPIC_PREFIX": settings.topic_prefix,
        "DIBAO_MASTER_KEY_FILE": str(settings.master_key_file),
        "DIBAO_URL_PAYMENTS": f"http://127.0.0.1:{settings.port}",
    }

    async def typed_there(*words: str | Path, code: int = 0) -> Result:
        return await asyncio.to_thread(typed, *words, code=code, env=env)

    return typed_there


async def test_from_what_is_suggested_to_the_log(run: Run, settings: Settings, tmp_path: Path) -> None:
    file, draft = tmp_path / RURAL_BANK.name, tmp_path / "draft.json"
    file.write_bytes(RURAL_BANK.content)

    suggested = await run("mapping", "suggest", file, "--context", "payments", "--out", draft)
    for shown in ("资金发放", "户编号", "待定", "取实发", "--compose 发放编号=户号+发放月+批次"):
        assert shown in suggested.output
    for person in ("白云飞", card(1), id_number(1)):
        assert person not in suggested.output + draft.read_text(encoding="utf-8")
    told = await run("mapping", "save", "bank", *OF_BANK, "--from", draft, code=2)
    assert "必填列没有来源：发放编号、救助类别、到账日、发放类型、户名、批次" in told.output

    assert "version 1" in (await run("mapping", "save", "bank", *OF_BANK, *SAID)).output
    assert "version 1" in (await run("mapping", "save", "bank", *OF_BANK, *SAID)).output
    [kept] = json.loads((await run("mapping", "list", "--format", "json")).stdout)
    assert (kept["name"], kept["source"], kept["version"]) == ("bank", BANK, 1)
    told = await run("mapping", "show", "bank", *OF_BANK)
    assert "文件的列“实发金额”" in told.output
    assert "组合 批次+户号+发放月" in told.output
    again = tmp_path / "kept.json"
    again.write_text((await run("mapping", "show", "bank", *OF_BANK, "--format", "json")).stdout)
    assert "version 1" in (await run("mapping", "save", "bank", *OF_BANK, "--from", again)).output

    trial = await run("publish", file, *OF_BANK, "--mapping", "bank", "--dry-run", "--format", "json")
    assert json.loads(trial.stdout)["accepted"] == 3
    published = json.loads(
        (await run("publish", file, *OF_BANK, "--mapping", "bank", "--format", "json")).stdout
    )
    assert (published["accepted"], published["rejected"]) == (3, 0)
    facts = [record.event.data async for batch in read_log(settings, ["payments"]) for record in batch]
    assert {fact.household_no for fact in facts} == {"LZ0001", "LZ0002", "LZ0003"}

    await run("mapping", "remove", "bank", *OF_BANK)
    assert json.loads((await run("mapping", "list", "--format", "json")).stdout) == []
    gone = await run("mapping", "remove", "bank", *OF_BANK, code=1)
    assert "has no mapping" in gone.output
    refused = await run("publish", file, *OF_BANK, "--mapping", "bank", code=1)
    assert "mapping" in refused.output + str(refused.exception)


def test_what_is_typed_wrong_is_said(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes(STATE_BANK.content)
    wrong = (*OF_BANK, *SAID, "--column", "备注=无此列", "--constant", "开户行=")
    assert "should be two parts" in (typed("mapping", "save", "bank", *wrong, code=2)).output
    told = typed("mapping", "save", "bank", *wrong[:-2], "--constant", "户名=白云飞", code=2)
    assert "--column（第6个）：不是“资金发放”的列" in told.output
    assert "--constant（第3个）：“户名”只能指定一次" in told.output
    assert "白云飞" not in told.output
    other = typed("mapping", "suggest", file, "--context", "bank", code=2)
    assert "is no context" in other.output
    other = typed("mapping", "suggest", file, "--context", "payments", "--type", "died", code=2)
    assert "is no type of payments" in other.output
    lines = tmp_path / "a.ndjson"
    lines.write_text("{}")
    refused = typed("publish", lines, "--mapping", "bank", code=2)
    assert ".csv and .xlsx" in refused.output
