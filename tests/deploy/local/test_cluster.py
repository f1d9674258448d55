"""Three Kafka processes, and a PostgreSQL with a replica: made, failed over, healed, stopped and started."""

import asyncio
from dataclasses import replace
from itertools import count

import asyncpg
import pytest

from deploy.local import Stack, StackError, StackSettings, attach, down, status, up
from deploy.local.data import StackData

pytestmark = pytest.mark.slow

KAFKAS, DATABASES = {"kafka", "kafka-2", "kafka-3"}, {"postgres", "postgres-2"}
numbers = count()


def running(settings: StackSettings) -> set[str]:
    return {found.name for found in status(settings) if found.running}


async def written(stack: Stack) -> list[int]:
    """Write another row to whichever PostgreSQL is written to; return all that stand there."""
    connection = await asyncpg.connect(stack.database_url)
    try:
        await connection.execute("CREATE TABLE IF NOT EXISTS survivors (value int)")
        await connection.execute("INSERT INTO survivors VALUES ($1)", next(numbers))
        rows = await connection.fetch("SELECT value FROM survivors ORDER BY value")
        return [row["value"] for row in rows]
    finally:
        await connection.close()


async def replicas(stack: Stack) -> list[str]:
    """How the replicas of the PostgreSQL that is written to follow it."""
    connection = await asyncpg.connect(stack.database_url)
    try:
        rows = await connection.fetch("SELECT sync_state FROM pg_stat_replication WHERE state = 'streaming'")
        return [row["sync_state"] for row in rows]
    finally:
        await connection.close()


def test_a_cluster_fails_over_and_heals(settings: StackSettings) -> None:
    asked = replace(settings, brokers=3, replica=True, kafka_heap="384m")
    stack = up(asked, print)
    assert running(settings) == KAFKAS | DATABASES
    assert stack.kafka.count(",") == 2 and stack.replication == 3
    assert stack.environment["DIBAO_REPLICATION"] == "3"
    assert asyncio.run(written(stack)) == [0]
    assert asyncio.run(replicas(stack)) == ["quorum"], "what is committed, the replica has"

    stack.kill9("postgres")
    assert stack.fail_over(print) == "postgres-2"
    assert asyncio.run(written(stack)) == [0, 1], "nothing is lost, and it is found by the same address"
    with pytest.raises(StackError, match="No replica of PostgreSQL runs"):
        stack.fail_over()
    assert running(settings) == KAFKAS | {"postgres-2"}

    # What is there is started without being asked for; the former one is made anew of its successor.
    stack = up(settings, print)
    assert running(settings) == KAFKAS | DATABASES
    assert asyncio.run(written(stack)) == [0, 1, 2]
    assert asyncio.run(replicas(stack)) == ["quorum"]
    assert stack.fail_over(print) == "postgres"
    assert asyncio.run(written(up(settings, print))) == [0, 1, 2, 3]

    attach(settings).kill9("kafka-2")
    assert "kafka-2" in {found.name for found in status(settings) if not found.running}
    attach(settings).restart("kafka-2", print)
    assert down(settings) == []
    with pytest.raises(StackError, match=r"5 Kafka processes are asked for, and the data .* are of 3"):
        up(replace(settings, brokers=5))
    assert asyncio.run(written(up(settings, print))) == [0, 1, 2, 3, 4]
    down(settings, purge=True)
    assert not (settings.root / "data").exists()


def test_which_postgresql_is_written_to_is_told_by_the_data(settings: StackSettings) -> None:
    data = StackData(settings.root / "kafka", settings.root / "postgres")
    assert (data.written(), data.replica()) == ("postgres", None)
    for name in sorted(DATABASES):
        (data.home(name) / "cluster").mkdir(parents=True)
    (data.home("postgres-2") / "cluster" / "standby.signal").touch()
    assert (data.written(), data.replica()) == ("postgres", "postgres-2")
    # Its successor was not promoted yet: it leads all the same, and nothing starts on what was retired.
    (data.home("postgres") / "retired").touch()
    assert (data.written(), data.replica()) == ("postgres-2", None)
    (data.home("postgres") / "retired").unlink()
    (data.home("postgres-2") / "cluster" / "standby.signal").rename(
        data.home("postgres") / "cluster" / "standby.signal"
    )
    assert (data.written(), data.replica()) == ("postgres-2", "postgres")
