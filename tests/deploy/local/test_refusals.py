"""What is missing, busy or damaged is said in one sentence, and nothing is left running."""

import fcntl
import os
import socket
from dataclasses import replace
from pathlib import Path

import pytest

from deploy.local import StackError, StackSettings, accounts, down, jars, ports, prerequisites, status, up
from deploy.local.data import StackData, locate
from deploy.local.processes import Account


def program(folder: Path, name: str, script: str) -> None:
    """An executable shell script of that name."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def only_path(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.delenv("JAVA_HOME", raising=False)


def test_no_java(settings: StackSettings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    only_path(monkeypatch, tmp_path / "bin")
    with pytest.raises(
        StackError, match=r"^Kafka needs Java 17 or newer, and no java was found: install .*\.$"
    ):
        up(settings)
    assert status(settings) == []


def test_old_java(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    only_path(monkeypatch, tmp_path / "bin")
    program(tmp_path / "bin", "java", """echo 'openjdk version "1.8.0_392"' >&2""")
    with pytest.raises(StackError, match=r"Kafka needs Java 17 or newer, but .*/java is Java 8: install"):
        prerequisites.java()


def test_java_home_goes_before_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    only_path(monkeypatch, tmp_path / "path")
    (tmp_path / "home").mkdir()
    program(tmp_path / "home" / "bin", "java", """echo 'openjdk version "21.0.1"' >&2""")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "home"))
    assert prerequisites.java() == str(tmp_path / "home" / "bin" / "java")


def test_no_maven_at_the_first_start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    only_path(monkeypatch, tmp_path / "bin")
    with pytest.raises(StackError, match=r"^Maven \(mvn\) fetches Kafka .* was not found: install it"):
        jars.ensure(tmp_path / "local", print)


def test_a_broken_download_is_not_taken_for_a_whole_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    only_path(monkeypatch, tmp_path / "bin")
    failing = 'for a in "$@"; do case $a in -DoutputDirectory=*) d=${a#*=};; esac; done\n'
    failing += "/bin/mkdir -p $d; echo half > $d/half.jar; echo '[ERROR] no route to host'; exit 1"
    program(tmp_path / "bin", "mvn", failing)
    with pytest.raises(
        StackError, match=r"Maven could not fetch Kafka .*: no route to host\. Check the connection"
    ):
        jars.ensure(tmp_path / "local", print)
    assert [path.name for path in (tmp_path / "local").iterdir()] == ["kafka.fetch.lock"]


def test_old_python(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.version_info", (3, 10, 9))
    with pytest.raises(StackError, match=r"Python 3\.11 or newer is needed, but this is 3\.10\.9"):
        prerequisites.require_python()


def test_fixed_port_is_busy(settings: StackSettings) -> None:
    with socket.create_server((ports.HOST, 0)) as other:
        busy = other.getsockname()[1]
        fixed = StackSettings.from_environment({"DIBAO_POSTGRES_PORT": str(busy)}).ports
        with pytest.raises(StackError, match=rf"Port {busy} .* fixed for postgres by DIBAO_POSTGRES_PORT"):
            ports.choose("postgres", fixed, {})
    assert ports.choose("postgres", fixed, {}) == busy


def test_remembered_port_is_kept_while_free() -> None:
    port = ports.choose("kafka", {}, {})
    assert ports.choose("kafka", {}, {"kafka": port}) == port
    with socket.create_server((ports.HOST, port)):
        assert ports.choose("kafka", {}, {"kafka": port}) != port


@pytest.mark.parametrize("value", ["0", "70000", "http", "-1"])
def test_port_that_is_none(value: str) -> None:
    with pytest.raises(StackError, match="DIBAO_KAFKA_PORT must be a port number"):
        StackSettings.from_environment({"DIBAO_KAFKA_PORT": value})


def test_existing_server_does_not_answer(settings: StackSettings) -> None:
    dead = f"127.0.0.1:{ports.choose('nobody', {}, {})}"
    url = f"postgresql://u:p@{dead}/dibao"
    with pytest.raises(StackError, match=f"No Kafka answers at {dead}, as DIBAO_KAFKA names it"):
        up(replace(settings, kafka=dead, database_url=url))
    with (
        socket.create_server((ports.HOST, 0)) as other,
        pytest.raises(StackError, match=f"No PostgreSQL answers at {dead}, as DIBAO_DATABASE_URL"),
    ):
        up(replace(settings, kafka=f"127.0.0.1:{other.getsockname()[1]}", database_url=url))


def test_another_command_is_at_it(settings: StackSettings) -> None:
    with (settings.root / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(StackError, match="Another command is starting or stopping the stack"):
            up(settings)


def test_damaged_state_file(settings: StackSettings) -> None:
    (settings.root / "state.json").write_text("{")
    with pytest.raises(StackError, match=r"state\.json is damaged: delete it"):
        up(settings)
    assert down(settings) == [], "down works without it"


def made(home: Path, essential: str, stack_id: str | None) -> Path:
    (home / essential).parent.mkdir(parents=True)
    (home / essential).write_text("")
    if stack_id is not None:
        (home / "stack.id").write_text(stack_id)
    return home


KAFKA, POSTGRES = "log/meta.properties", "cluster/PG_VERSION"


def test_half_of_the_data(tmp_path: Path) -> None:
    kafka, postgres = made(tmp_path / "kafka", KAFKA, "a"), made(tmp_path / "postgres", POSTGRES, "a")
    gone = tmp_path / "gone"
    StackData(kafka, postgres).check(with_kafka=True, with_postgres=True)
    StackData(gone, gone).check(with_kafka=True, with_postgres=True)
    StackData(kafka, gone).check(with_kafka=True, with_postgres=False)  # the database is somebody else's
    with pytest.raises(StackError, match=r"^PostgreSQL's data are there .* but Kafka's are gone"):
        StackData(gone, postgres).check(with_kafka=True, with_postgres=True)
    other = made(tmp_path / "other", POSTGRES, "b")
    with pytest.raises(StackError, match="are not of the same stack"):
        StackData(kafka, other).check(with_kafka=True, with_postgres=True)
    damaged = made(tmp_path / "damaged", "log/else", "a")
    with pytest.raises(StackError, match=r"The data of Kafka in .* are damaged"):
        StackData(damaged, postgres).check(with_kafka=True, with_postgres=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs servers as other users")
def test_data_below_a_closed_home_go_elsewhere(tmp_path: Path) -> None:
    who, other = accounts.account("PostgreSQL"), accounts.account("Kafka")
    assert isinstance(who, Account) and isinstance(other, Account)
    home = tmp_path / "home"
    (home / "checkout").mkdir(parents=True)
    home.chmod(0o700)
    place = locate(home / "checkout", who, other)
    assert place.kafka == accounts.fallback(home / "checkout") / "kafka"
    assert place.postgres == accounts.fallback(home / "checkout") / "postgres"
    assert place.postgres.is_relative_to("/var/lib")
    assert locate(home / "checkout", None, None).kafka == home / "checkout" / "data" / "kafka"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs servers as other users")
def test_jars_below_a_closed_home_are_copied_once(tmp_path: Path) -> None:
    who = accounts.account("Kafka")
    libs, copies = tmp_path / "home" / "kafka-1.0" / "libs", tmp_path / "copies"
    libs.mkdir(parents=True)
    (libs / "a.jar").write_text("a")
    for folder in (tmp_path, *list(tmp_path.parents)[:-2]):
        folder.chmod(folder.stat().st_mode | 0o011)
    assert accounts.readable(who, libs, copies) == libs
    (libs / "a.jar").chmod(0o600)
    for _ in range(2):
        copied = accounts.readable(who, libs, copies)
        assert copied == copies / "kafka-1.0" / "libs"
        assert accounts.readable(who, copied, tmp_path / "never") == copied
    assert accounts.readable(None, libs, copies) == libs
