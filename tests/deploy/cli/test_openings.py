"""Whom a finding is about can be learned, for a reason that is kept, and in no other way (R65)."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from deploy.local import Stack
from deploy.migrations.roles import OF_SERVICE, OPERATOR, url_as
from services.platform.access import add_holder
from services.platform.keys import Keys
from services.platform.openings import Opener, list_openings
from services.reporting.service import serve
from tests.deploy.cli.terminal import EXPECTED, GOLDEN, Terminal
from tests.ports import free_port
from tests.street.whole import whole

FACTS = [json.loads(line) for line in GOLDEN.read_text(encoding="utf-8").splitlines()]


@pytest.fixture
async def terminal(stack: Stack, database: str, tmp_path: Path) -> AsyncIterator[Terminal]:
    async with whole(stack, database, tmp_path) as street:
        yield Terminal(street, street.deployment)


@asynccontextmanager
async def _reporting(terminal: Terminal) -> AsyncIterator[str]:
    settings = terminal.street.deployment.settings_of("reporting").model_copy(update={"port": free_port()})
    stop, url = asyncio.Event(), f"http://127.0.0.1:{settings.port}"
    serving = asyncio.ensure_future(serve(settings, stop))
    try:
        async with asyncio.timeout(30), httpx.AsyncClient() as http:
            while not serving.done():
                try:
                    await http.get(f"{url}/health")
                    break
                except httpx.ConnectError:
                    await asyncio.sleep(0.1)
        yield url
    finally:
        stop.set()
        await serving


def _stated(kind: str, serial: str) -> dict[str, Any]:
    return next(fact["data"] for fact in FACTS if fact["type"] == kind and fact["id"] == serial)


async def test_whom_a_finding_is_about(terminal: Terminal, database: str, tmp_path: Path) -> None:
    run, rows = terminal.run, terminal.rows
    await run("publish", GOLDEN)
    await run("wait", "--timeout", "60")
    await run("close-day", EXPECTED["closed"])
    await run("wait", "--timeout", "60")
    finding = next(row for row in await rows("anomalies") if row["rule"] == "paid-after-death")
    token = finding["key"]["person"]

    # At the terminal: who it is, as the death was stated.
    explained = json.loads((await run("explain", finding["anomaly_id"], "--format", "json")).stdout)
    death = next(fact for fact in explained["facts"] if fact["type"] == "dibao.vitals.died.v1")
    person = _stated(death["type"], death["serial"])["person"]
    opened = json.loads((await run("open", token, "--reason", "核实死亡后发放", "--format", "json")).stdout)
    assert {"name": person["name"], "id_number": person["id_number"]} in [
        {name: value for name, value in one.items() if name != "facts"} for one in opened
    ]
    assert death["event_id"] in [fact for one in opened for fact in one["facts"]]
    payment = next(fact for fact in explained["facts"] if fact["type"] == "dibao.payments.paid.v1")
    paid = _stated(payment["type"], payment["serial"])["account"]
    told = await run("open", payment["data"]["account_id"], "--reason", "核对账户")
    assert f"number: {paid['number']}" in told.output and f"holder_name: {paid['holder_name']}" in told.output
    told = await run("open", death["event_id"], "--field", "person", "--reason", "核对登记")
    assert person["id_number"] in told.output
    await run("open", token, "--reason", " ", code=2)
    assert "no token" in (await run("open", "王芳", "--reason", "核实", code=2)).output
    assert "names p.nobody" in (await run("open", "p.nobody", "--reason", "核实", code=1)).output

    # Over HTTP, with a key that may.
    pool = await asyncpg.create_pool(database, min_size=1, max_size=2)
    may, may_not = [
        await add_holder(pool, name, "reader", may_open=name == "李强") for name in ("李强", "赵敏")
    ]
    async with _reporting(terminal) as url, httpx.AsyncClient() as http:

        async def post(key: str, **body: str) -> httpx.Response:
            return await http.post(f"{url}/openings", json=body, headers={"Authorization": f"Bearer {key}"})

        assert (await post(may_not, token=token, reason="好奇")).status_code == 403
        assert (await post("rd.none", token=token, reason="好奇")).status_code == 401
        assert (await post(may, token=token)).status_code == 422
        assert (await post(may, token=token, reason="  ")).status_code == 422
        assert (await post(may, reason="核实")).status_code == 422
        assert (await post(may, token="p.nobody", reason="核实")).status_code == 404
        found = await post(may, token=token, reason="复核")
        assert found.status_code == 200, found.text
        assert person["id_number"] in {value["id_number"] for value in found.json()["values"]}

    # A void and a dead letter are opened on record as well.
    await run("void", payment["source"], payment["serial"], "--reason", "录入错误")
    broken = tmp_path / "broken.ndjson"
    broken.write_text('{"type":"dibao.payments.paid.v1","id":"x1"}\n', encoding="utf-8")
    await run("publish", broken, "--via", "kafka")
    await run("wait", "--timeout", "60")
    assert "x1" in (await run("dlq", "show", "0", "--reason", "查看原因")).output
    kept = await rows("openings")
    by_reason = {row["why"]: row for row in kept}
    assert [row["number"] for row in kept] == list(range(1, len(kept) + 1))
    assert set(by_reason) == {"核实死亡后发放", "核对账户", "核对登记", "复核", "录入错误", "查看原因"}
    assert by_reason["核实死亡后发放"]["subject"] == token
    assert by_reason["复核"]["who"] == "李强 (HTTP)" and by_reason["复核"]["role"] == "dibao_reporting"
    assert by_reason["查看原因"]["what"] == "dead letter 0" and by_reason["查看原因"]["role"] == OPERATOR
    assert person["id_number"] not in json.dumps(kept)

    # Erased is erased: a person, and the letters of a day.
    second = await add_holder(pool, "赵建国", "operator")
    letters = by_reason["查看原因"]["subject"]
    for number, subject in enumerate((token, letters, "p.nobody"), 1):
        await run("erase", "propose", subject, "--reason", "依法删除")
        assert "two different people" in (await run("erase", "confirm", str(number), code=1)).output
    assert "cannot be read any more" in (await run("erase", "confirm", "1", "--key", second)).output
    assert "erased" in (await run("open", token, "--reason", "核实", code=1)).output
    await run("erase", "confirm", "2", "--key", second)
    assert "cannot be opened any more" in (await run("dlq", "show", "0", "--reason", "查看", code=1)).output
    assert "Nothing is sealed" in (await run("erase", "confirm", "3", "--key", second, code=1)).output
    assert "or it is done" in (await run("erase", "confirm", "1", "--key", second, code=1)).output
    assert "is none of" in (await run("erase", "propose", "王芳", "--reason", "依法删除", code=2)).output
    done = await rows("erase", "list")
    assert [(row["proposed_by"], row["confirmed_by"]) for row in done] == [("operator", "赵建国")] * 3

    # Whoever owns the tables can change a row, and not unseen.
    async with pool.acquire() as owner:
        for change in (
            "UPDATE vault.opening SET why = 'x'",
            "DELETE FROM vault.opening",
            "TRUNCATE vault.opening",
        ):
            with pytest.raises(asyncpg.RaiseError, match="kept as they are"):
                await owner.execute(change)
        await owner.execute("ALTER TABLE vault.opening DISABLE TRIGGER kept")
        await owner.execute("UPDATE vault.opening SET who = '赵敏' WHERE number = 2")
    changed = await run("openings", code=1)
    assert "breaks at number 2" in changed.output
    await pool.close()


async def test_nobody_skips_the_record_of_an_opening(
    terminal: Terminal, database: str, tmp_path: Path
) -> None:
    admin = await asyncpg.connect(database)
    await admin.execute("INSERT INTO vault.salt VALUES ('p.x', decode(repeat('00', 16), 'hex'))")
    connection = await asyncpg.connect(url_as(database, OPERATOR))
    denied = pytest.raises(asyncpg.InsufficientPrivilegeError)
    ask = "SELECT vault.keep_opening('open', 'p.x', 'all', '核实', '王芳')"
    try:
        for reading in (
            "SELECT * FROM vault.salt",
            "INSERT INTO vault.opening SELECT * FROM vault.opening",
            "UPDATE vault.opening SET why = ''",
            "DELETE FROM vault.opening",
            "DELETE FROM vault.salt",
            "SELECT vault.kept_request(1, 'open')",
            "SELECT vault.forget_letters()",
            "DELETE FROM vault.erasure",
            "UPDATE vault.erasure SET subjects = '{p.x}'",
            "SET ROLE dibao_owner",
            "SET ROLE dibao_keeper",
        ):
            with denied:
                await connection.execute(reading)
        with denied:  # nothing was asked for
            await connection.fetchval("SELECT vault.salt_of(1)")
        # Asked for and taken in one transaction, it could be rolled back.
        with denied:
            async with connection.transaction():
                number = await connection.fetchval(ask)
                async with connection.transaction():
                    await connection.fetchval("SELECT vault.salt_of($1)", number)
        assert await admin.fetchval("SELECT count(*) FROM vault.opening") == 0
        number = await connection.fetchval(ask)
        assert await connection.fetchval("SELECT vault.salt_of($1)", number) == bytes(16)
        asked = await connection.fetchval(ask.replace("'open'", "'erase'"))
        with denied:  # nobody has agreed
            await connection.fetchval("SELECT vault.erase($1)", asked)
        with denied:  # somebody else's request
            reporting = await asyncpg.connect(url_as(database, OF_SERVICE["reporting"]))
            try:
                await reporting.fetchval("SELECT vault.salt_of($1)", number)
            finally:
                await reporting.close()
        with pytest.raises(asyncpg.CheckViolationError):
            await connection.fetchval(ask.replace("核实", " "))
        pool = await asyncpg.create_pool(url_as(database, OPERATOR), min_size=1, max_size=1)
        opener = Opener(pool, Keys.of(bytes(32)), "李强", "复核")
        await opener.sealer("p.x", "姓名")
        assert [(one.number, one.who, one.intact) for one in await list_openings(pool)] == [
            (1, "王芳", True),
            (2, "王芳", True),
            (3, "李强", True),
        ]
        await pool.close()
    finally:
        await connection.close()
        await admin.close()
