"""The journal at the command line: what is proved, what is compared, and where something was changed."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from deploy.backup import as_owner as owning
from deploy.backup import load
from deploy.local import Stack
from deploy.local.settings import CHECKOUT
from events.catalogue import CONTEXTS
from services.journal.keeping import load_signer, trees
from services.journal.tree import WritableTree
from services.platform.erasures import erase_again, noted
from services.platform.kafka import administration
from services.platform.log import end_offsets
from services.platform.producer import close_producer, open_producer
from services.platform.settings import Settings
from services.reporting import queries
from tests.conftest import made_database
from tests.deploy.administering import as_owner, erase
from tests.deploy.cli.terminal import EXPECTED, GOLDEN, Terminal
from tests.services.journal.records import SIGNER, record
from tests.street.whole import whole

VERIFIER = CHECKOUT / "deploy" / "verifier" / "verify.py"


@pytest.fixture
async def terminal(stack: Stack, database: str, tmp_path: Path) -> AsyncIterator[Terminal]:
    async with whole(stack, database, tmp_path, journal=True) as street:
        yield Terminal(street, street.deployment)


async def kept(settings: Settings) -> None:
    """Wait until the journal has all that is on the log."""
    async with asyncio.timeout(60):
        while True:
            ends = await end_offsets(settings, [*CONTEXTS, "erased"])
            found = trees(settings, load_signer(settings.journal_key_file).key)
            sizes = {(tree.topic, tree.partition): tree.size for tree in found}
            if all(sizes[place] == end for place, end in ends.items()):
                return
            await asyncio.sleep(0.1)


def stand_alone(*words: str | Path) -> "subprocess.CompletedProcess[str]":
    """Run the verifier as somebody elsewhere would, who has none of dibao's code."""
    command = [sys.executable, "-I", str(VERIFIER), *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, cwd="/", check=False)


async def test_what_is_on_record_is_proved_and_compared(
    terminal: Terminal, database: str, tmp_path: Path
) -> None:
    run, rows, settings = terminal.run, terminal.rows, terminal.street.settings
    await run("publish", GOLDEN)
    await run("wait", "--timeout", "60")
    await kept(settings)

    # Kafka, journal and facts are one.
    compared = await rows("verify")
    assert sum(row["journal"] for row in compared) > 100
    assert all(row["kafka"] == row["journal"] == row["facts"] for row in compared)
    assert [row["root"] for row in await rows("journal", "status")] == [row["root"] for row in compared]

    # A fact is proved, here and where nothing of dibao is.
    key = (await run("journal", "key")).stdout.strip()
    stated = json.loads(GOLDEN.read_text(encoding="utf-8").splitlines()[0])
    proof = tmp_path / "proof.json"
    await run("prove", stated["id"], "--source", stated["source"], "--out", proof)
    assert "Proved: the record at offset" in (await run("verify", "--proof", proof)).output
    shown = stand_alone(proof, "--key", key)
    assert (shown.returncode, shown.stderr) == (0, "")
    assert shown.stdout.startswith("PROVED: this record is number")
    assert f"header  ce_source: {stated['source']}" in shown.stdout

    # A second office countersigns; later the journal goes on from there.
    said = json.loads(proof.read_text(encoding="utf-8"))
    topic, partition = said["record"]["topic"], said["record"]["partition"]
    checkpoint, office = tmp_path / "checkpoint", tmp_path / "office.key"
    await run("journal", "checkpoint", topic, str(partition), "--out", checkpoint)
    told = await run("witness", checkpoint, "--key", office, "--name", "audit.example", "--journal-key", key)
    witness = told.output.split("Countersigned by ")[1].split(":")[0].replace("\n", "")
    said["checkpoint"] = checkpoint.read_text(encoding="utf-8")
    proof.write_text(json.dumps(said), encoding="utf-8")
    assert "countersigned by audit.example" in stand_alone(proof, "--key", key, "--witness", witness).stdout
    await forge(settings, topic, partition)
    await kept(settings)
    later, goes_on = tmp_path / "later", tmp_path / "goes-on.json"
    await run("journal", "checkpoint", topic, str(partition), "--out", later)
    needs = await run("witness", later, "--key", office, code=1)
    assert "this office has signed" in needs.output
    await run("prove", "--from", checkpoint, "--out", goes_on)
    await run("witness", later, "--key", office, "--proof", goes_on)
    assert "begins with the" in stand_alone(goes_on, "--key", key).stdout
    assert "go on from" in (await run("verify", "--from", checkpoint)).output

    # A row that is not there, or that was put there, is named.
    connection = await asyncpg.connect(database)
    schema = await connection.fetchval("SELECT 'projection_g' || live FROM platform.generation LIMIT 1")
    async with connection.transaction():
        gone = await connection.fetchrow(
            f"DELETE FROM {schema}.fact WHERE ctid = (SELECT max(ctid) FROM {schema}.fact) RETURNING *"
        )
    failed = await run("verify", code=1)
    assert f"is not among the facts: {gone['event_id']}" in failed.output.replace("\n", "")
    values = ({**gone, "digest": "forged"}).values()
    places = ", ".join(f"${number}" for number in range(1, len(values) + 1))
    await connection.execute(f"INSERT INTO {schema}.fact VALUES ({places})", *values)
    failed = await run("verify", code=1)
    assert f"the fact {gone['event_id']} is said to stand at" in failed.output.replace("\n", " ")
    await connection.close()


async def forge(settings: Settings, topic: str, partition: int) -> None:
    """Write a record that none of dibao's processes signed: it is kept too, and is no fact."""
    producer = await open_producer(settings)
    headers = [("ce_id", b"forged"), ("ce_digest", b"forged")]
    await producer.send_and_wait(topic, b"forged", b"forged", partition=partition, headers=headers)
    await close_producer(producer)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"index": 1}, "NOT PROVED: the record is not in the journal"),
        ({"size": 9}, "NOT PROVED: the checkpoint is of another size"),
        ({"proof": []}, "NOT PROVED: the proof is too short"),
        ({"kind": "other"}, "NOT PROVED: the file or a key cannot be read"),
        ({"checkpoint": "x"}, "NOT PROVED: dibao.journal has not signed it"),
        ({"record": {"value": "AAAA"}}, "NOT PROVED: the record is not in the journal"),
        ({"record": {"partition": 1}}, "NOT PROVED: the checkpoint is of another partition"),
    ],
)
def test_the_verifier_refuses_what_was_changed(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    tree = WritableTree(tmp_path / "tree", "dibao.payments", 0, SIGNER)
    tree.append([record(offset) for offset in range(300)])
    proof = tree.inclusion(7).json()
    file = tmp_path / "proof.json"
    file.write_text(json.dumps(proof), encoding="utf-8")
    assert stand_alone(file, "--key", str(SIGNER.key)).returncode == 0
    for name, value in change.items():
        proof[name] = {**proof[name], **value} if isinstance(value, dict) else value
    file.write_text(json.dumps(proof), encoding="utf-8")
    refused = stand_alone(file, "--key", str(SIGNER.key))
    assert refused.returncode == 1
    assert said in refused.stderr


async def test_a_kafka_that_is_lost_is_written_anew_and_gives_the_same_findings(
    stack: Stack, database: str, tmp_path: Path
) -> None:
    """As docs/operations/journal.md says: services stopped, log restored, PostgreSQL made one with it.

    What was erased stays so, also where PostgreSQL is put back from a backup of before.
    """
    backup = tmp_path / "before.backup"
    async with whole(stack, database, tmp_path, journal=True) as street:
        await Terminal(street, street.deployment).run("publish", GOLDEN)
        await street.settle()
        await street.close_day(EXPECTED["closed"])
        await street.settle()
        deployment, settings = street.deployment, street.settings
        terminal = Terminal(street, deployment)
        await as_owner(terminal, database).run("backup", backup)
        await erase(terminal, await somebody(database))
        erasures = await noted(settings)
        await kept(settings)
        before = await state_of(terminal)
    async with administration(settings) as admin:
        lost = [name for name in await admin.list_topics() if name.startswith(f"{settings.topic_prefix}.")]
        await admin.delete_topics(lost)
        async with asyncio.timeout(30):
            while set(lost) & set(await admin.list_topics()):
                await asyncio.sleep(0.1)
    # A Kafka that was made anew has another id as well.
    connection = await asyncpg.connect(database)
    await connection.execute("UPDATE platform.cluster SET kafka_id = 'the one that is lost'")
    assert "records are on the log again" in (await terminal.run("journal", "restore")).output
    assert await noted(settings) == erasures and len(erasures) == 1
    async with made_database(stack) as anew:
        await load(backup, anew)
        async with owning(anew) as owner:
            assert await erase_again(settings, owner) == 1
    terminal.environment["DIBAO_DATABASE_URL"] = database
    said = " ".join((await terminal.run("recover")).output.split())
    assert "goes on with another Kafka" in said and "topics stand as they were" in said
    assert "0 facts of the log are new to it" in said
    # It goes on as if nothing had been.
    async with whole(stack, database, tmp_path, prefix=settings.topic_prefix) as street:
        terminal = Terminal(street, street.deployment)
        told = (await terminal.run("publish", GOLDEN, "--format", "json")).stdout
        assert json.loads(told)["accepted"] == 0
        await street.settle()
        assert await state_of(terminal) == before
    assert await connection.fetchval("SELECT count(*) FROM intake.loss") == 0
    assert await connection.fetchval("SELECT count(*) FROM platform.forged") == 0
    await connection.close()


async def somebody(database: str) -> str:
    """A person of whom values are sealed."""
    async with owning(database) as owner:
        found = await owner.fetchval("SELECT min(subject) FROM vault.salt WHERE subject LIKE 'p.%'")
        return str(found)


async def state_of(terminal: Terminal) -> list[Any]:
    """What the log and the ledgers say: roots, anomalies, payments."""
    roots = [row["root"] for row in await terminal.rows("journal", "status")]
    anomalies = (await queries.anomalies(terminal.street.pool)).rows
    payments = await terminal.rows("ledger", "payments")
    return [roots, sorted(map(str, anomalies)), sorted(map(str, payments))]
