"""Alerts at the command line, in the operator's own role: subscribe, preview, test, replay, snooze."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from deploy.cli.app import app
from deploy.local import Stack
from deploy.migrations.roles import OPERATOR, apply_roles, url_as
from events.values import SHANGHAI
from services.alerting.delivering import Deliverer
from services.alerting.settings import AlertingSettings
from services.alerting.subscription import STREAM, Bounds
from services.detection.catalogue import publish
from services.platform.database import open_pool
from tests.deployment import MASTER_KEY
from tests.services.alerting.office import KEYS, Office, anomaly_of, finding
from tests.services.alerting.receiver import SECRET, Receiver


class Desk:
    """An operator's terminal, and the office's database behind it."""

    def __init__(self, office: Office, environment: dict[str, str], folder: Path) -> None:
        self.office, self.folder = office, folder
        self._environment = environment

    async def run(self, *words: object, code: int = 0) -> Result:
        command = ["alert", *map(str, words)]
        result = await asyncio.to_thread(CliRunner().invoke, app, command, env=self._environment)
        assert result.exit_code == code, (result.output, result.exception)
        return result

    async def rows(self, *words: object, code: int = 0) -> list[dict[str, Any]]:
        result = await self.run(*words, "--format", "ndjson", code=code)
        return [json.loads(line) for line in result.stdout.splitlines()]

    async def subscribe(self, receiver: Receiver, *words: object) -> None:
        secret = self.folder / "secret"
        secret.write_text(SECRET, encoding="ascii")
        target = ("--channel", "webhook", "--target", receiver.url)
        await self.run("subscribe", "街道", *target, "--secret-file", secret, *words)


@pytest.fixture
async def desk(stack: Stack, migrated_database: str, tmp_path: Path) -> AsyncIterator[Desk]:
    await apply_roles(migrated_database)
    key = tmp_path / "master.key"
    key.write_text(MASTER_KEY.hex() + "\n", encoding="ascii")
    environment = {
        "DIBAO_KAFKA": stack.kafka,
        "DIBAO_DATABASE_URL": url_as(migrated_database, OPERATOR),
        "DIBAO_MASTER_KEY_FILE": str(key),
    }
    pool = await open_pool(migrated_database, size=2)
    try:
        async with pool.acquire() as connection:
            await publish(connection)
        office = Office(pool, now=datetime.now(UTC) - timedelta(hours=3))
        yield Desk(office, environment, tmp_path)
    finally:
        await pool.close()


async def test_a_subscription_is_made_tried_listed_and_ended(desk: Desk) -> None:
    receiver = Receiver()
    await desk.subscribe(receiver, "--severity", "high", "--area", "500102008", "--rule", "large-payment")
    [listed] = await desk.rows("list")
    assert (listed["name"], listed["severities"], listed["area"]) == ("街道", ["high"], "500102008")
    assert listed["shown"] == f"http://127.0.0.1:{receiver.port}/…", "its secret part is not shown"
    stop = asyncio.Event()
    delivering = asyncio.create_task(Deliverer(desk.office.pool, KEYS, AlertingSettings()).run(stop))
    async with receiver.listening():
        assert "took the test message" in (await desk.run("test", "街道")).output
    stop.set()
    await delivering
    [content] = receiver.taken.values()
    assert content["text"] == "收到本条即表示订阅“街道”可以送达。"
    await desk.run("unsubscribe", "街道")
    assert await desk.rows("list") == []
    gone = await desk.office.pool.fetchrow(
        "SELECT salt, sealed_target, sealed_secret FROM alerting.subscription WHERE number > $1", STREAM
    )
    assert tuple(gone) == (None, None, None), "where it led is destroyed"
    assert "no subscription" in (await desk.run("test", "街道", code=2)).output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--target", "http://example.cn/hook"), "https://"),
        (("--target", "ftp://127.0.0.1/hook"), "https://"),
        (("--target", "https://example.cn/", "--rule", "none"), "expected one of"),
        (("--target", "https://example.cn/", "--severity", "red"), "high"),
        (("--target", "https://example.cn/", "--area", "5001020"), "division code"),
        (("--channel", "email", "--target", "nobody"), "one address"),
        (("--channel", "email", "--target", "a@example.cn\nBcc: b@example.cn"), "one address"),
    ],
)
async def test_what_cannot_be_subscribed_to_is_said(desk: Desk, words: tuple[str, ...], said: str) -> None:
    channel = () if "--channel" in words else ("--channel", "webhook")
    assert said in (await desk.run("subscribe", "街道", *channel, *words, code=2)).output.replace("\n", "")
    assert await desk.rows("list") == []


async def test_a_secret_is_made_and_shown_once(desk: Desk) -> None:
    told = await desk.run("subscribe", "甲", "--channel", "webhook", "--target", "https://example.cn/a")
    assert "whsec_" in told.output
    assert (
        "there is a subscription 甲"
        in (
            await desk.run("subscribe", "甲", "--channel", "email", "--target", "a@example.cn", code=2)
        ).output
    )
    assert "whsec_" not in (await desk.run("list")).output


async def test_preview_says_what_would_have_been_told(desk: Desk) -> None:
    office = desk.office
    for number in range(3):
        await office.announce(finding(number), finding(number, "revised", 2))
        await office.step(30)
    await office.announce(*(finding(number) for number in range(100, 160)))
    await office.step(3600)
    await office.settle()
    rows = await desk.rows("preview")
    assert sum(row["notices"] for row in rows) == 3
    assert sum(row["digests"] for row in rows) == 1
    assert sum(row["findings"] for row in rows) == 66
    shown = (await desk.run("preview", "--samples", "1")).output
    assert "大额支付" in shown
    assert await desk.rows("preview", "--rule", "petition-overdue") == []
    assert await desk.rows("preview", "--most", "100") != rows


async def test_preview_is_what_is_then_told(desk: Desk) -> None:
    """The rehearsal and the play, of the same announcements at the same times."""
    office = desk.office
    number = await office.subscribe(bounds=Bounds())
    for batch in range(8):
        await office.announce(*(finding(10 * batch + one) for one in range(batch)))
        await office.step()
        await office.settle()
        office.now += timedelta(minutes=7)
    told = await office.notices(number)
    rows = await desk.rows("preview")
    assert sum(row["notices"] for row in rows) == sum(one["kind"] == "notice" for one in told) > 10
    assert sum(row["digests"] for row in rows) == sum(one["kind"] == "digest" for one in told) > 0
    assert sum(row["findings"] for row in rows) == 28


async def test_findings_in_are_notices_out_a_day(desk: Desk) -> None:
    office = desk.office
    await desk.subscribe(Receiver(), "--verb", "raised")
    await office.announce(*(finding(one) for one in range(5)), finding(9, "withdrawn"))
    await office.settle()
    [all_of_it, street] = await desk.rows("balance")
    assert (all_of_it["subscription"], all_of_it["findings"], all_of_it["in_notices"]) == ("stream", 6, 6)
    assert (street["findings"], street["in_notices"], street["notices"], street["lost"]) == (5, 5, 5, 0)
    await office.pool.execute("DELETE FROM alerting.item WHERE subscription > 0 AND about = 'household:H1'")
    [_, street] = await desk.rows("balance", code=1)
    assert (street["findings"], street["lost"]) == (5, 1), "and it would say if one were not"


async def test_a_snooze_holds_back_until_it_is_over_or_rests_on_other_facts(desk: Desk) -> None:
    office = desk.office
    await desk.subscribe(Receiver())
    number = await office.pool.fetchval("SELECT max(number) FROM alerting.subscription")
    await office.announce(finding(1), finding(2))
    await office.settle()
    assert len(await office.notices(number)) == 2
    until = (datetime.now(SHANGHAI).date() + timedelta(days=1)).isoformat()
    why = ("--until", until, "--reason", "已在核实")
    await desk.run("snooze", anomaly_of(1), *why, "--subscription", "街道")
    await desk.run("snooze", "household:H2", *why)

    await office.announce(finding(1, "revised", 2, severity="high"), finding(2, "withdrawn", 2))
    await office.settle_until_idle()
    assert len(await office.notices(number)) == 2, "the same facts, another severity"
    [second, first] = await desk.rows("snoozes")
    assert (first["subscription"], first["reason"], first["held"]) == ("街道", "已在核实", 1)
    assert second["subscription"] is None
    assert {row["snoozed"] for row in await desk.rows("balance")} == {1, 2}

    await office.announce(finding(1, "revised", 3, evidence=[], evidence_count=9))
    await office.settle_until_idle()
    [*_, told] = await office.notices(number)
    assert (told["subject"], told["announcements"]) == ("household:H1", 2), "with what was held back"
    assert (await desk.rows("snoozes"))[1]["ended_why"] == "evidence"

    await desk.run("lift", second["number"])
    await office.settle_until_idle()
    [*_, told] = await office.notices(number)
    assert (told["subject"], told["findings"][0]["verb"]) == ("household:H2", "withdrawn")
    assert {row["lost"] for row in await desk.rows("balance")} == {0}


async def test_a_snooze_that_expires_tells_what_it_held_back(desk: Desk) -> None:
    office = desk.office
    number = await office.subscribe("街道")
    await office.announce(finding(1))
    await office.settle()
    today = datetime.now(SHANGHAI).date().isoformat()
    await desk.run("snooze", anomaly_of(1), "--until", today, "--reason", "待核实")
    await office.announce(finding(1, "withdrawn", 2))
    await office.settle_until_idle()
    assert len(await office.notices(number)) == 1
    await office.settle()
    assert [one["findings"][0]["verb"] for one in await office.notices(number)] == ["raised", "withdrawn"]
    [snoozed] = await desk.rows("snoozes")
    assert snoozed["ended_why"] == "expired"
    yesterday = (datetime.now(SHANGHAI).date() - timedelta(days=1)).isoformat()
    late = await desk.run("snooze", anomaly_of(1), "--until", yesterday, "--reason", "x", code=2)
    assert "is over" in late.output
    none = await desk.run("snooze", anomaly_of(7), "--until", today, "--reason", "x", code=2)
    assert "nothing is announced" in none.output


async def test_what_waits_for_a_receiver_is_told_at_once_and_in_order(desk: Desk) -> None:
    office, receiver = desk.office, Receiver(answers=lambda number: 503)
    await desk.subscribe(receiver)
    await office.announce(finding(1))
    await office.settle()
    stop = asyncio.Event()
    settings = AlertingSettings(first_seconds=3600)
    task = asyncio.create_task(Deliverer(office.pool, KEYS, settings).run(stop))
    async with receiver.listening(), asyncio.timeout(30):
        while [row["tries"] for row in await desk.rows("notices", "街道")] != [1]:
            await asyncio.sleep(0.1)
        while await office.pool.fetchval("SELECT max(resting_until) FROM alerting.subscription") is None:
            await asyncio.sleep(0.1)
        await office.announce(finding(2))
        await office.settle()
        receiver.answers = lambda number: 200
        said = (await desk.run("replay", "街道", "--parked")).output
        assert "0 notices are told again" in said and "tried at once: 1 was waiting" in said
        while [row["state"] for row in await desk.rows("notices", "街道")] != ["delivered"] * 2:
            await asyncio.sleep(0.1)
    stop.set()
    await task
    assert list(receiver.taken) == [row["id"] for row in reversed(await desk.rows("notices", "街道"))]


async def test_what_was_given_up_is_told_again_under_its_id(desk: Desk) -> None:
    office, receiver = desk.office, Receiver(answers=lambda number: 500)
    await desk.subscribe(receiver)
    await office.announce(finding(1))
    await office.settle()

    async def deliver(until: str) -> None:
        stop = asyncio.Event()
        settings = AlertingSettings(tries=2, first_seconds=0.05)
        task = asyncio.create_task(Deliverer(office.pool, KEYS, settings).run(stop))
        async with receiver.listening(), asyncio.timeout(15):
            while [row["state"] for row in await desk.rows("notices", "街道")] != [until]:
                await asyncio.sleep(0.1)
        stop.set()
        await task

    await deliver("parked")
    [parked] = await desk.rows("notices", "街道", "--state", "parked")
    assert (parked["tries"], parked["status"], parked["error"]) == (2, 500, "answered")
    assert [row["outcome"] for row in await desk.rows("notices", "街道", "--attempts", parked["place"])] == [
        "away",
        "away",
    ]
    receiver.answers = lambda number: 200
    assert "1 notices are told again" in (await desk.run("replay", "街道", "--parked")).output
    await deliver("delivered")
    assert list(receiver.taken) == [parked["id"]]
    assert "0 notices" in (await desk.run("replay", "街道", "--parked")).output
    assert "1 notices" in (await desk.run("replay", "街道", "--notice", parked["place"])).output
    await desk.run("replay", "街道", code=2)
