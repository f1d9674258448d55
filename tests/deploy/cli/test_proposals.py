"""Policy is changed by two people: one proposes and sees what it would change, another approves."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from deploy.cli import policy
from deploy.local import Stack
from deploy.migrations.roles import OPERATOR, url_as
from services.platform import access
from services.platform.proposals import Proposal, StepName, take
from tests.deploy.cli.terminal import EXPECTED, GOLDEN, Terminal
from tests.street.whole import whole

GRACE = "death.grace_months"
DOCUMENT = "渝民发〔2021〕9号"
DRAFT = (GRACE, "0", "--from", "2021-02-01", "--document", DOCUMENT)


@pytest.fixture
async def terminal(stack: Stack, database: str, tmp_path: Path) -> AsyncIterator[Terminal]:
    async with whole(stack, database, tmp_path) as street:
        terminal = Terminal(street, street.deployment)
        detection = street.deployment.settings_of("detection").database_url
        terminal.environment["DIBAO_DATABASE_URL_DETECTION"] = detection
        yield terminal


@pytest.fixture
async def second(terminal: Terminal) -> str:
    """The key of another operator."""
    return await access.add_holder(terminal.street.pool, "王芳", "operator")


@pytest.fixture
async def street(terminal: Terminal) -> None:
    """The golden street, closed and looked at."""
    await terminal.run("publish", GOLDEN)
    await terminal.street.settle()
    await terminal.run("close-day", EXPECTED["closed"])
    await terminal.street.settle()


async def in_force(terminal: Terminal, name: str = GRACE) -> dict[str, Any]:
    await terminal.street.settle()
    rows = {row["parameter"]: row for row in await terminal.rows("policy", "list", "--on", "2021-06-30")}
    return rows[name]


async def findings(terminal: Terminal) -> dict[str, tuple[str, int]]:
    """The findings, each with how grave it is, and how often it was announced."""
    await terminal.street.settle()
    rows = await terminal.rows("anomalies")
    return {row["anomaly_id"]: (row["severity"], row["revision"]) for row in rows}


def refusal(said: Any) -> str:
    return " ".join(said.output.split())


async def test_one_proposes_and_another_approves(terminal: Terminal, street: None, second: str) -> None:
    before = await findings(terminal)
    (proposed,) = await terminal.rows("policy", "propose", *DRAFT)
    assert (proposed["state"], proposed["steps"][0]["by"]) == ("proposed", "operator")
    [result] = proposed["tried"]["results"]
    differences = [one for one in result["differences"] if one["outcome"] != "same"]
    assert {(one["rule"], one["outcome"]) for one in differences} == {("paid-after-death", "changed")}
    assert await findings(terminal) == before, "what is proposed does not count"
    assert (await in_force(terminal))["document"] != DOCUMENT

    (adopted,) = await terminal.rows("policy", "approve", "1", "--key", second)
    assert [(step["step"], step["by"]) for step in adopted["steps"]] == [
        ("proposed", "operator"),
        ("approved", "王芳"),
        ("adopted", "王芳"),
    ]
    assert adopted["steps"][2]["receipt"]
    row = await in_force(terminal)
    assert (row["value"], row["document"]) == ("0", DOCUMENT)
    after = await findings(terminal)
    assert after.keys() == before.keys()
    revised = {name for name in after if after[name][1] > before[name][1]}
    assert len(revised) == sum(one["count"] for one in differences), "as the backtest said"
    assert {after[name][0] for name in revised} == {"high"}
    assert {before[name][0] for name in revised} == {"info", "high"}

    (undone,) = await terminal.rows("policy", "withdraw", "1", "--reason", "文号有误")
    assert [(step["step"], step["why"]) for step in undone["steps"][3:]] == [
        ("undoing", "文号有误"),
        ("undone", None),
    ]
    assert (await in_force(terminal))["document"] != DOCUMENT
    again = await findings(terminal)
    assert {name: one[0] for name, one in again.items()} == {name: one[0] for name, one in before.items()}
    assert "was withdrawn, and undone" in refusal(
        await terminal.run("policy", "approve", "1", "--key", second, code=1)
    )
    assert "was withdrawn, and undone" in refusal(
        await terminal.run("policy", "withdraw", "1", "--reason", "又", code=1)
    )
    listed = (await terminal.run("policy", "proposals")).output
    assert "已作废" in listed
    assert "王芳" in listed


async def test_nobody_approves_what_they_proposed_not_even_with_a_new_key(
    terminal: Terminal, second: str
) -> None:
    await terminal.run("policy", "propose", *DRAFT)
    refused = await terminal.run("policy", "approve", "1", code=1)
    assert "Proposal 1 is by operator: another operator approves it." in refusal(refused)
    renewed = await access.renew_holder(terminal.street.pool, "operator")
    refused = await terminal.run("policy", "approve", "1", "--key", renewed, code=1)
    assert "Proposal 1 is by operator" in refusal(refused)
    (row,) = await terminal.rows("policy", "proposals")
    assert row["state"] == "proposed"


async def test_only_an_operator_proposes_and_approves(terminal: Terminal, second: str) -> None:
    reader = await access.add_holder(terminal.street.pool, "李强", "reader")
    await access.revoke_holder(terminal.street.pool, "王芳")
    for key in (reader, second, "op.nobody"):
        for words in (
            ("propose", *DRAFT), ("approve", "1"), ("withdraw", "1", "--reason", "误"),
        ):  # fmt: skip
            refused = await terminal.run("policy", *words, "--key", key, code=2)
            assert "The key is no operator's" in refusal(refused)
    assert await terminal.rows("policy", "proposals") == []


async def test_nothing_is_approved_twice_or_after_it_was_withdrawn(terminal: Terminal, second: str) -> None:
    await terminal.run("policy", "propose", *DRAFT)
    await terminal.run("policy", "approve", "1", "--key", second)
    again = await terminal.run("policy", "approve", "1", "--key", second, code=1)
    assert "Proposal 1 was adopted by 王芳 on " in refusal(again)
    await terminal.run("policy", "propose", *DRAFT)
    told = await terminal.run("policy", "withdraw", "2", "--reason", "另拟")
    assert "Number 2 is withdrawn." in told.output
    refused = await terminal.run("policy", "approve", "2", "--key", second, code=1)
    assert "Proposal 2 was withdrawn by operator on " in refusal(refused)
    assert "There is no proposal 3" in refusal(
        await terminal.run("policy", "approve", "3", "--key", second, code=1)
    )
    assert (await in_force(terminal))["value"] == "0"
    count = "SELECT count(*) FROM platform.proposal_step WHERE proposal = 2"
    assert await terminal.street.pool.fetchval(count) == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("death.grace_month", "0"), "death.grace_month"),
        ((GRACE, "三"), GRACE),
    ],
)
async def test_what_no_rule_could_read_is_refused_at_once(
    terminal: Terminal, words: tuple[str, str], said: str
) -> None:
    refused = await terminal.run("policy", "propose", *words, *DRAFT[2:], code=3)
    assert "退回 1" in refused.output
    assert said in refused.output
    assert await terminal.rows("policy", "proposals") == []


async def test_a_crash_between_the_log_and_the_record_is_mended_by_doing_it_again(
    terminal: Terminal, second: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def crash(pool: Any, proposal: Proposal, step: StepName, by: str, **said: Any) -> Proposal:
        if step in ("adopted", "undone"):
            raise SystemExit(9)
        return await take(pool, proposal, step, by, **said)

    await terminal.run("policy", "propose", *DRAFT)
    for words, stopped, done in (
        (("approve", "1", "--key", second), "approved", "adopted"),
        (("withdraw", "1", "--reason", "误"), "undoing", "undone"),
    ):
        monkeypatch.setattr(policy, "take", crash)
        await terminal.run("policy", *words, code=9)
        monkeypatch.setattr(policy, "take", take)
        (row,) = await terminal.rows("policy", "proposals")
        assert row["state"] == stopped
        told = await terminal.run("policy", *words)
        assert "重复 1" in told.output, "the log has it once"
        (row,) = await terminal.rows("policy", "proposals")
        assert row["state"] == done
    assert (await in_force(terminal))["document"] != DOCUMENT


async def test_one_that_is_undone_before_it_was_published_never_counts(
    terminal: Terminal, second: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: Any) -> None:
        raise SystemExit(9)

    await terminal.run("policy", "propose", *DRAFT)
    monkeypatch.setattr(policy, "_publish", crash)
    await terminal.run("policy", "approve", "1", "--key", second, code=9)
    monkeypatch.undo()
    await terminal.run("policy", "withdraw", "1", "--reason", "误")
    refused = await terminal.run("policy", "approve", "1", "--key", second, code=1)
    assert "was withdrawn, and undone" in refusal(refused)
    assert (await in_force(terminal))["document"] != DOCUMENT


async def test_what_was_decided_cannot_be_changed(terminal: Terminal, database: str) -> None:
    await terminal.run("policy", "propose", *DRAFT)
    await terminal.run("policy", "withdraw", "1", "--reason", "误")
    operator = await asyncpg.connect(url_as(database, OPERATOR))
    owner = await asyncpg.connect(database)
    try:
        for statement in (
            "UPDATE platform.proposal SET by = 'somebody'",
            "UPDATE platform.proposal_step SET by = 'somebody'",
            "DELETE FROM platform.proposal_step",
            "TRUNCATE platform.proposal_step",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await operator.execute(statement)
            with pytest.raises(asyncpg.RaiseError, match="kept as it is"):
                await owner.execute(statement)
    finally:
        await operator.close()
        await owner.close()
