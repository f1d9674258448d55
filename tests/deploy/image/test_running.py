"""What docker-compose.yml starts, started without an engine: the same commands, environment and secrets.

Kafka by its own script with TLS, SCRAM and permissions, at addresses of this machine; PostgreSQL without TLS,
which the one that pip installs does not have.
"""

import asyncio
import os
import shutil
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from typer.testing import CliRunner

from deploy import program
from deploy.cli.app import app
from deploy.deployment import PROCESSES
from deploy.local import Stack, jars, ports, prerequisites
from deploy.local.kafka import cluster_id
from deploy.local.settings import CHECKOUT
from deploy.migrations.roles import url_of
from tests.conftest import made_database
from tests.services.platform.golden import facts_of

COMPOSE: dict[str, Any] = yaml.safe_load((CHECKOUT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, Any] = COMPOSE["services"]

pytestmark = pytest.mark.slow


def free_port() -> int:
    return ports.choose("any", {}, {})


class Composed:
    """The processes of the file, as they would be in their containers."""

    def __init__(self, folder: Path, secrets: Path, kafka: str) -> None:
        self._folder, self._secrets, self._kafka = folder, secrets, kafka
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self.ports = {name: free_port() for name in PROCESSES}
        self.monitors = {name: free_port() for name in PROCESSES}

    def environment(self, name: str) -> dict[str, str]:
        """What the file tells a container, with this machine's places."""
        told = {key: str(value) for key, value in SERVICES[name]["environment"].items()}
        told = {key: value.replace("/run/secrets", str(self._secrets)) for key, value in told.items()}
        told |= {"DIBAO_KAFKA": self._kafka, "DIBAO_MONITOR_HOST": "127.0.0.1", "HOME": "/nonexistent"}
        told["DIBAO_MONITOR_PORT"] = str(self.monitors.get(name, 0))
        if "DIBAO_JOURNAL" in told:
            told["DIBAO_JOURNAL"] = str(self._folder / "journal")
        if "DIBAO_PORT" in told:
            told |= {"DIBAO_HOST": "127.0.0.1", "DIBAO_PORT": str(self.ports[name])}
        return {"PATH": os.environ["PATH"], **told}

    def run(self, name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a job to its end: its own command, or another in its place."""
        command = program.command("deploy.cli", *(arguments or SERVICES[name]["command"]))
        return subprocess.run(
            command,
            env=self.environment(name),
            cwd=self._folder,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )

    def start(self, name: str) -> None:
        with self.log(name).open("wb") as out:
            self._running[name] = subprocess.Popen(
                program.command("deploy.cli", *SERVICES[name]["command"]),
                env=self.environment(name),
                cwd=self._folder,
                stdout=out,
                stderr=out,
            )

    def log(self, name: str) -> Path:
        return self._folder / f"{name}.log"

    def stop(self) -> dict[str, int]:
        """Tell all to stop; return what each ended with."""
        for process in self._running.values():
            process.terminate()
        return {name: process.wait(30) for name, process in self._running.items()}


@contextmanager
def kafka_of_the_image(folder: Path, secrets: Path, libs: Path) -> Iterator[str]:
    """The image's start, with the programs of the same version that the image has in /opt/kafka/bin."""
    shims = folder / "bin"
    shims.mkdir()
    java = f'exec {prerequisites.java()} -Xmx512m -cp "{libs}/*"'
    for name, main in (("kafka-storage", "kafka.tools.StorageTool"), ("kafka-server-start", "kafka.Kafka")):
        (shims / f"{name}.sh").write_text(f'#!/bin/sh\n{java} {main} "$@"\n')
        (shims / f"{name}.sh").chmod(0o755)
    port, inside, controller = free_port(), free_port(), free_port()
    (folder / "data").mkdir()
    told = {
        "PATH": os.environ["PATH"],
        "KAFKA_BIN": str(shims),
        "KAFKA_DATA": str(folder / "data"),
        "KAFKA_SECRETS": str(secrets),
        "KAFKA_CONFIG": str(CHECKOUT / "deploy" / "image" / "kafka"),
        "KAFKA_WORK": str(folder),
        "KAFKA_MORE": "\n".join(
            (
                f"listeners=CLIENTS://127.0.0.1:{port},INSIDE://127.0.0.1:{inside},CONTROLLER://127.0.0.1:{controller}",
                f"advertised.listeners=CLIENTS://127.0.0.1:{port},INSIDE://127.0.0.1:{inside}",
                f"controller.quorum.voters=1@127.0.0.1:{controller}",
            )
        ),
    }
    for start in ("with new data", "again"):
        with (folder / "kafka.log").open("ab") as out:
            started = subprocess.Popen(
                ["/bin/sh", CHECKOUT / "deploy" / "image" / "kafka" / "start.sh"],
                env=told,
                stdout=out,
                stderr=out,
            )
        late = time.monotonic() + 90
        while cluster_id("127.0.0.1", inside) is None:
            assert started.poll() is None and time.monotonic() < late, (folder / "kafka.log").read_text()[
                -3000:
            ]
            time.sleep(0.2)
        if start != "again":
            started.terminate()
            started.wait(60)
    try:
        yield f"127.0.0.1:{port}"
    finally:
        started.terminate()
        started.wait(60)


def name_database(secrets: Path, administrator: str) -> None:
    """Write the addresses of the session's database in place of those that were made."""
    for file in secrets.glob("database_*"):
        name = file.name.removeprefix("database_")
        url = administrator if name == "prepare" else url_of(administrator, PROCESSES[name][0])
        file.write_text(f"{url}\n")


@pytest.fixture
def folder() -> Iterator[Path]:
    """One that the servers' users can enter."""
    root = Path(tempfile.mkdtemp(prefix="dibao-composed-"))
    root.chmod(0o755)
    yield root
    shutil.rmtree(root)


def test_all_of_it_runs_and_takes_a_fact_from_https_to_a_ledger(stack: Stack, folder: Path) -> None:
    secrets = folder / "secrets"
    done = CliRunner().invoke(app, ["secrets", str(secrets), "--mounted", str(secrets)])
    assert done.exit_code == 0, done.output
    libs = jars.ensure(stack.settings.jars, print)
    with kafka_of_the_image(folder, secrets, libs) as kafka:
        asyncio.run(in_a_database(stack, Composed(folder, secrets, kafka), secrets))


async def in_a_database(stack: Stack, composed: Composed, secrets: Path) -> None:
    async with made_database(stack) as database:
        name_database(secrets, database)
        try:
            await everything(composed, secrets)
        finally:
            ended = await asyncio.to_thread(composed.stop)
    assert ended == dict.fromkeys(PROCESSES, 0)


async def everything(composed: Composed, secrets: Path) -> None:
    for _ in ("first", "after an upgrade"):
        said(composed.run("prepare"))
    for name in PROCESSES:
        composed.start(name)
    trusting = ssl.create_default_context(cafile=str(secrets / "ca.pem"))
    facts = facts_of("payments")[:20]
    async with httpx.AsyncClient(verify=trusting, timeout=20) as client:
        for name, port in composed.monitors.items():
            await until_ready(client, composed, name, port)
        bank = said(
            composed.run(
                *("prepare", "source", "add", facts[0]["source"], "--contexts", "payments"),
                *("--area", "*", "--new-households"),
            )
        )
        handed_over = await client.post(
            f"https://localhost:{composed.ports['payments']}/events",
            json=facts,
            headers={
                "authorization": f"Bearer {bank}",
                "content-type": "application/cloudevents-batch+json",
            },
        )
        assert handed_over.status_code in (200, 202), handed_over.text
        reader = said(composed.run("prepare", "access", "add", "王芳"))
        asked = f"https://localhost:{composed.ports['reporting']}/ledgers/payments"
        async with asyncio.timeout(60):
            while True:
                answer = await client.get(asked, headers={"authorization": f"Bearer {reader}"})
                assert answer.status_code == 200, answer.text
                if len(answer.json()["rows"]) == len(facts):
                    break
                await asyncio.sleep(0.5)
        shown = (await client.get(f"http://127.0.0.1:{composed.monitors['payments']}/metrics")).text
        assert 'dibao_intake_facts_total{context="payments",status="accepted"} 20.0' in shown
    with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        httpx.get(f"https://localhost:{composed.ports['reporting']}/health")


def said(done: subprocess.CompletedProcess[str]) -> str:
    """The last line of what a job printed, which ended well."""
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip().splitlines()[-1]


async def until_ready(client: httpx.AsyncClient, composed: Composed, name: str, port: int) -> None:
    late = time.monotonic() + 120
    said = ""
    while time.monotonic() < late:
        try:
            answer = await client.get(f"http://127.0.0.1:{port}/readyz")
            if answer.status_code == 200:
                return
            said = answer.text
        except httpx.HTTPError as error:
            said = type(error).__name__
        await asyncio.sleep(0.3)
    raise AssertionError(f"{name}: {said}; {composed.log(name).read_text()[-2000:]}")
