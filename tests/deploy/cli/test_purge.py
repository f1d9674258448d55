"""`dibao down --purge`: what it deletes, what it keeps, and that it asks."""

import os
import stat
import subprocess
from pathlib import Path

import pytest

from tests.deploy.checkout import make_checkout, run


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program of a checkout."""
    return make_checkout(tmp_path_factory.mktemp("purge") / "checkout")


@pytest.fixture
def local(program: Path) -> Path:
    """The folder of its data, with a key and something that the key opens."""
    local = program.parents[2] / ".local"
    (local / "data" / "kafka" / "log").mkdir(parents=True, exist_ok=True)
    (local / "data" / "kafka" / "log" / "record").write_text("sealed")
    (local / "keys").mkdir(exist_ok=True)
    (local / "keys" / "master.key").write_text("00" * 32)
    return local


def at_a_terminal(program: Path, answer: str) -> subprocess.CompletedProcess[bytes]:
    """`dibao down --purge` at a terminal, where that is typed."""
    ours, theirs = os.openpty()
    os.write(ours, f"{answer}\n".encode())
    try:
        return subprocess.run(
            [program, "down", "--purge"], stdin=theirs, capture_output=True, check=False, timeout=60
        )
    finally:
        os.close(ours)
        os.close(theirs)


def test_where_nobody_can_be_asked_nothing_is_deleted(program: Path, local: Path) -> None:
    told = run(program, "down", "--purge", folder=local)
    assert told.returncode == 2
    assert "say `dibao down --purge --yes`" in " ".join(told.stderr.split())
    assert (local / "data" / "kafka" / "log" / "record").exists()
    assert (local / "keys" / "master.key").exists()


def test_it_asks_at_a_terminal(program: Path, local: Path) -> None:
    refused = at_a_terminal(program, "n")
    assert refused.returncode == 1
    assert f"{local}/data" in refused.stdout.decode()
    assert (local / "data" / "kafka" / "log" / "record").exists()
    assert at_a_terminal(program, "y").returncode == 0
    assert not (local / "data").exists()


def test_keys_are_put_aside_with_the_data_that_they_open(program: Path, local: Path) -> None:
    before = set((local / "keys").glob("old/*/master.key"))
    told = run(program, "down", "--purge", "--yes", folder=local)
    assert told.returncode == 0, told.stderr
    assert not (local / "data").exists()
    assert not (local / "keys" / "master.key").exists()
    (kept,) = set((local / "keys").glob("old/*/master.key")) - before
    assert kept.read_text() == "00" * 32
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert str(kept.parent) in told.stdout


@pytest.mark.parametrize(
    "environment",
    [
        {"DIBAO_DATABASE_URL": "postgresql://dibao@db.example/dibao"},
        {"DIBAO_KAFKA": "kafka.example:9092"},
        {"DIBAO_MASTER_KEY_FILE": "/etc/dibao/master.key"},
        {"DIBAO_LOG_KEY_FILE": "/etc/dibao/log.key"},
    ],
)
def test_keys_that_open_other_data_stay(program: Path, local: Path, environment: dict[str, str]) -> None:
    told = run(program, "down", "--purge", "--yes", folder=local, environment=environment)
    assert told.returncode == 0, told.stderr
    assert (local / "keys" / "master.key").read_text() == "00" * 32
    assert "The keys in" in told.stdout


def test_keys_stay_where_the_stack_ran_on_other_servers(program: Path, local: Path) -> None:
    """Also where the settings that named them are not there any more."""
    (local / "state.json").write_text(
        '{"kafka": "kafka.example:9092", "database_url": "", "ports": {}, "processes": {}}'
    )
    run(program, "down", "--purge", "--yes", folder=local)
    assert (local / "keys" / "master.key").exists()
