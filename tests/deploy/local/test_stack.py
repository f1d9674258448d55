"""Both servers, started, killed, stopped and started again on their data."""

import asyncio
import os
import shutil
import signal
import stat
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import asyncpg
import psutil
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from deploy.local import (
    Stack,
    StackError,
    StackSettings,
    accounts,
    attach,
    down,
    kafka,
    postgres,
    processes,
    status,
    up,
)

TOPIC = "survivors"


async def write(stack: Stack, value: int) -> None:
    """One record that Kafka, and one row that PostgreSQL has acknowledged."""
    producer = AIOKafkaProducer(bootstrap_servers=stack.kafka, acks="all", enable_idempotence=True)
    await producer.start()
    await producer.send_and_wait(TOPIC, str(value).encode(), partition=0)
    await producer.stop()
    connection = await asyncpg.connect(stack.database_url)
    await connection.execute("CREATE TABLE IF NOT EXISTS survivors (value int)")
    await connection.execute("INSERT INTO survivors VALUES ($1)", value)
    await connection.close()


async def read(stack: Stack) -> tuple[list[int], list[int]]:
    """All values, as Kafka and as PostgreSQL have them."""
    consumer = AIOKafkaConsumer(bootstrap_servers=stack.kafka, auto_offset_reset="earliest")
    await consumer.start()
    partition = TopicPartition(TOPIC, 0)
    consumer.assign([partition])
    end = (await consumer.end_offsets([partition]))[partition]
    records = []
    while await consumer.position(partition) < end:
        records += [
            int(record.value) for record in (await consumer.getmany(timeout_ms=500)).get(partition, [])
        ]
    await consumer.stop()
    connection = await asyncpg.connect(stack.database_url)
    rows = [row["value"] for row in await connection.fetch("SELECT value FROM survivors ORDER BY value")]
    await connection.close()
    return records, rows


async def create_topic(stack: Stack) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=stack.kafka)
    await admin.start()
    await admin.create_topics([NewTopic(TOPIC, num_partitions=1, replication_factor=1)])
    await admin.close()


@pytest.mark.slow
def test_data_survive_stop_and_kill(settings: StackSettings) -> None:
    """What both acknowledged is there after kill -9 and restart, and after down and up."""
    said: list[str] = []
    stack = up(settings, say=said.append)
    addresses = stack.kafka, stack.database_url
    assert any("Starting Kafka" in line for line in said)
    asyncio.run(create_topic(stack))
    asyncio.run(write(stack, 1))

    for server in ("kafka", "postgres"):
        stack.kill9(server)
        assert not stack.is_running(server)
        assert not next(line for line in status(settings) if line.name == server).running
    stack.restart("kafka")
    half = {line.name: line.pid for line in status(settings)}
    up(settings)
    healed = {line.name: line.pid for line in status(settings)}
    assert healed["kafka"] == half["kafka"], "what runs is left alone"
    assert healed["postgres"] != half["postgres"]
    assert asyncio.run(read(attach(settings))) == ([1], [1])

    up(settings)
    assert {line.name: line.pid for line in status(settings)} == healed
    asyncio.run(write(attach(settings), 2))
    pids = [line.pid for line in status(settings)]
    assert down(settings) == [], "both end when asked, without being killed"
    assert status(settings) == []
    assert not any(psutil.pid_exists(pid) for pid in pids)
    with pytest.raises(StackError, match="not running: `dibao up` starts it"):
        attach(settings)

    # Lost with the state file: ports, pids. Not lost: the data, and the servers that run on them.
    again = up(settings)
    assert (again.kafka, again.database_url) == addresses
    (settings.root / "state.json").unlink()
    with pytest.raises(StackError, match=r"nothing is known of it \(pid \d+, \d+\): `dibao down` stops it"):
        up(settings)
    down(settings)
    third = up(settings)
    assert asyncio.run(read(third)) == ([1, 2], [1, 2])

    secret = settings.root / "state.json"
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    assert stat.S_IMODE((settings.root / "data" / "postgres" / "password").stat().st_mode) == 0o600
    assert "started" in stack.log("kafka").read_text()
    assert "ready to accept connections" in (settings.root / "log" / "postgres.log").read_text()

    # One half deleted is said, before anything is started; a purge makes it whole by deleting the other.
    down(settings)
    shutil.rmtree(settings.root / "data" / "postgres")
    with pytest.raises(
        StackError, match=r"Kafka's data are there .* but PostgreSQL's are gone .*down --purge"
    ):
        up(settings)
    assert status(settings) == []
    # Or new data of that half are made, where somebody asks for it who fills them.
    refilled = up(settings, anew=True)
    asyncio.run(write(refilled, 3))
    assert asyncio.run(read(refilled)) == ([1, 2, 3], [3])
    down(settings)
    down(settings, purge=True)
    assert [path.name for path in settings.root.iterdir()] == ["lock"]


async def test_wrong_password_is_refused(stack: Stack) -> None:
    port = stack.database_url.rpartition(":")[2].partition("/")[0]
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(f"postgresql://dibao:guess@127.0.0.1:{port}/dibao")


async def test_a_test_has_a_database_of_its_own(stack: Stack, database: str) -> None:
    connection = await asyncpg.connect(database)
    assert await connection.fetchval("SELECT current_database()") != "dibao"
    assert await connection.fetchval("SHOW server_encoding") == "UTF8"
    locale = "SELECT datcollate FROM pg_database WHERE datname = current_database()"
    assert await connection.fetchval(locale) == "C"
    assert await connection.fetchval("SHOW synchronous_commit") == "on"
    await connection.close()


async def test_errors_in_the_log_quote_no_row(stack: Stack, database: str) -> None:
    """A log line of PostgreSQL names the constraint, and neither the row nor the statement."""
    connection = await asyncpg.connect(database)
    await connection.execute("CREATE TABLE people (name text PRIMARY KEY)")
    await connection.execute("INSERT INTO people VALUES ('CANARY-11010119800101')")
    with pytest.raises(asyncpg.UniqueViolationError):
        await connection.execute("INSERT INTO people VALUES ('CANARY-11010119800101')")
    await connection.close()
    log = stack.log("postgres").read_text()
    assert "people_pkey" in log
    assert "CANARY" not in log


@pytest.fixture
def sleeper(stack: Stack) -> Iterator[str]:
    yield "sleeper"
    stack.stop("sleeper", timeout=1)


def test_a_service_is_told_where_its_servers_are_and_stopped(stack: Stack, sleeper: str) -> None:
    script = (
        "import os, time; print(os.environ['DIBAO_KAFKA'], os.environ['DIBAO_PORT'], flush=True); "
        "time.sleep(60)"
    )
    port = stack.port(sleeper)
    record = stack.start(sleeper, [sys.executable, "-c", script], {"DIBAO_PORT": str(port)})
    wait_for_text(stack.log(sleeper), f"{stack.kafka} {port}")
    assert stack.port(sleeper) == port
    with pytest.raises(StackError, match=rf"sleeper is running already \(pid {record.pid}\)"):
        stack.start(sleeper, [sys.executable, "-c", script])

    stack.kill9(sleeper)
    assert not stack.is_running(sleeper)
    restarted = stack.restart(sleeper)
    assert restarted.pid != record.pid
    assert stack.stop(sleeper) == []
    assert not psutil.pid_exists(restarted.pid)
    with pytest.raises(StackError, match="has started no process 'sleeper'"):
        stack.record(sleeper)


def test_a_process_that_a_signal_has_stopped_is_known(stack: Stack, sleeper: str) -> None:
    record = stack.start(sleeper, [sys.executable, "-c", "import time; time.sleep(60)"])
    assert not processes.status(record).frozen
    os.kill(record.pid, signal.SIGSTOP)
    deadline = time.monotonic() + 20
    while not processes.status(record).frozen:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert processes.status(record).running
    os.kill(record.pid, signal.SIGCONT)


def test_a_service_that_does_not_end_is_killed_with_its_children(stack: Stack, sleeper: str) -> None:
    child = "import time; print('child', flush=True); time.sleep(60)"
    script = (
        "import signal, subprocess, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
        f"subprocess.run([sys.executable, '-c', {child!r}])"
    )
    record = stack.start(sleeper, [sys.executable, "-c", script])
    wait_for_text(stack.log(sleeper), "child")
    family = [record.pid, *(process.pid for process in psutil.Process(record.pid).children())]
    assert len(family) == 2
    assert stack.stop(sleeper, timeout=0.5) == ["sleeper"]
    _, alive = psutil.wait_procs([psutil.Process(pid) for pid in family if psutil.pid_exists(pid)], timeout=5)
    assert not alive


def test_existing_servers_are_used_and_nothing_is_started(stack: Stack, settings: StackSettings) -> None:
    guest = replace(settings, kafka=stack.kafka, database_url=stack.database_url)
    mine = up(guest)
    assert (mine.kafka, mine.database_url) == (stack.kafka, stack.database_url)
    assert status(guest) == []
    assert list((settings.root / "data").iterdir()) == []
    assert attach(guest).kafka == stack.kafka


def test_the_servers_run_as_users_of_their_own_where_root_starts_them(stack: Stack) -> None:
    """Their data and their logs are theirs alone. Whoever is not root starts them as himself."""
    accounts_of = {kafka.NAME: accounts.account("Kafka"), postgres.NAME: accounts.account("PostgreSQL")}
    for name, account in accounts_of.items():
        user = os.geteuid() if account is None else account.user
        assert user != 0
        assert set(psutil.Process(stack.record(name).pid).uids()) == {user}, name
    log = stack.log(kafka.NAME)
    home = log.parent
    assert home.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_uid for path in (home, log, home / "log", home / "server.properties")} == {
        psutil.Process(stack.record(kafka.NAME).pid).uids().real
    }


def wait_for_text(log: Path, text: str) -> None:
    for _ in range(200):
        if log.exists() and text in log.read_text():
            return
        time.sleep(0.05)
    raise AssertionError(f"{text!r} did not appear in {log}")


def test_nobody_else_reads_what_a_stack_keeps(stack: Stack) -> None:
    """Every file is closed, or lies in a closed folder; PostgreSQL's user passes by, where it is another."""
    open_to_others = []
    passed = 0o711 if os.geteuid() == 0 else 0o700
    for folder, folders, files in os.walk(stack.root):
        at = Path(folder)
        mode = at.stat().st_mode & 0o777
        assert mode in (0o700, passed), (at, oct(mode))
        if mode == 0o700:
            folders.clear()
            continue
        open_to_others += [at / name for name in files if (at / name).stat().st_mode & 0o077]
    assert open_to_others == []
    assert (stack.root / "log").stat().st_mode & 0o777 == 0o700
    written = [file for file in (stack.root / "log").iterdir() if file.stat().st_mode & 0o077]
    assert written == []


def test_a_process_is_not_told_what_it_need_not_know(
    stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets = {"DIBAO_OPERATOR_KEY", "DIBAO_KEY", "DIBAO_DATABASE_URL_DETECTION", "SSH_AUTH_SOCK"}
    for name in (*secrets, "AWS_SECRET_ACCESS_KEY", "DIBAO_HOSTS"):
        monkeypatch.setenv(name, "secret")
    told = tmp_path / "told"
    script = "import os, pathlib, sys; pathlib.Path(sys.argv[1]).write_text('\\n'.join(sorted(os.environ)))"
    for command, own in (([sys.executable, "-c", script, str(told)], {"DIBAO_HOSTS"}), (["env"], set())):
        record = processes.start("told", command, told.with_suffix(".log"), {"GIVEN": "1"})
        deadline = time.monotonic() + 20
        while processes.is_running(record) and time.monotonic() < deadline:
            time.sleep(0.05)
        text = told.read_text() if own else told.with_suffix(".log").read_text()
        names = {line.split("=")[0] for line in text.splitlines()}
        assert {"GIVEN", "PATH", *own} <= names
        assert "secret" not in text and not names & secrets
    processes.reap()
