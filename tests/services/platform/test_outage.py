"""Services that start while their servers are away wait for them, say so, and end when told to."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from deploy import program
from deploy.local import ports
from tests.deployment import MASTER_KEY

SERVICES = ("payments", "reporting", "detection", "projector")


@dataclass
class Started:
    """A service in a process of its own."""

    process: subprocess.Popen[bytes]
    log: Path
    port: int


@pytest.fixture
def started(tmp_path: Path) -> Iterator[dict[str, Started]]:
    """Services that find neither Kafka nor PostgreSQL at their start."""
    (tmp_path / "master.key").write_text(MASTER_KEY.hex())
    dead = ports.choose("nobody", {}, {})
    found: dict[str, Started] = {}
    try:
        for name in SERVICES:
            log, port = tmp_path / f"{name}.log", ports.choose(name, {}, {})
            environment = {
                **{key: value for key, value in os.environ.items() if not key.startswith("DIBAO_")},
                "DIBAO_KAFKA": f"127.0.0.1:{dead}",
                "DIBAO_DATABASE_URL": f"postgresql://dibao:none@127.0.0.1:{dead}/dibao",
                "DIBAO_MASTER_KEY_FILE": str(tmp_path / "master.key"),
                "DIBAO_LOG_KEY_FILE": os.environ["DIBAO_LOG_KEY_FILE"],
                **({"DIBAO_PORT": str(port)} if name in ("payments", "reporting") else {}),
            }
            with log.open("wb") as file:
                words = program.command("deploy.cli", "serve", name)
                process = subprocess.Popen(words, env=environment, stdout=file, stderr=file)
            found[name] = Started(process, log, port)
        yield found
    finally:
        for one in found.values():
            one.process.kill()
            one.process.wait()


def test_a_service_waits_for_its_servers_from_the_start(started: dict[str, Started]) -> None:
    deadline = time.monotonic() + 60
    for name, one in started.items():
        while f"{name}, for PostgreSQL, waits" not in one.log.read_text(encoding="utf-8"):
            assert one.process.poll() is None, one.log.read_text(encoding="utf-8")
            assert time.monotonic() < deadline, name
            time.sleep(0.1)
    # Whoever hands over meanwhile is told to come again.
    for name in ("payments", "reporting"):
        while True:
            try:
                answer = httpx.post(f"http://127.0.0.1:{started[name].port}/events", content=b"{}")
                break
            except httpx.ConnectError:
                assert time.monotonic() < deadline, name
                time.sleep(0.1)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        assert answer.json()["errors"][0]["detail"].startswith("数据库无法连接")
    time.sleep(1)
    for name, one in started.items():
        assert one.log.read_text(encoding="utf-8").count("waits") == 1, f"{name} says it once"
        one.process.send_signal(signal.SIGTERM)
    for one in started.values():
        assert one.process.wait(10) == 0, one.log.read_text(encoding="utf-8")


def test_a_process_that_is_aborted_says_where_it_stood(started: dict[str, Started]) -> None:
    one = started["projector"]
    deadline = time.monotonic() + 60
    while "projector, for PostgreSQL, waits" not in one.log.read_text(encoding="utf-8"):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    one.process.send_signal(signal.SIGABRT)
    assert one.process.wait(10) == -signal.SIGABRT
    said = one.log.read_text(encoding="utf-8")
    assert "Fatal Python error: Aborted" in said and "deploy/cli/serving.py" in said
