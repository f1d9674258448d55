"""What a process inherits of its starter: noticed when it changes, and had again after a crash."""

import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from deploy.launching import _why_again, concerns
from deploy.local import Stack, StackSettings, state, supervision
from deploy.local.inheritance import digests
from deploy.local.stack import state_file

SCRIPT = "import os, time; print('HOSTS', os.environ.get('DIBAO_HOSTS'), flush=True); time.sleep(60)"


@pytest.fixture
def sleeper(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("DIBAO_HOSTS", "then.example.cn")
    stack.start("inheriting", [sys.executable, "-c", SCRIPT], {"DIBAO_PORT": "1"})
    eventually(lambda: "HOSTS then.example.cn" in stack.log("inheriting").read_text())
    yield "inheriting"
    stack.stop("inheriting", timeout=1)
    stack.log("inheriting").unlink()


def eventually(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@contextmanager
def supervised(settings: StackSettings) -> Iterator[list[str]]:
    """What a supervisor says that works meanwhile."""
    stop, said = threading.Event(), list[str]()
    thread = threading.Thread(target=supervision.supervise, args=(settings, stop, said.append))
    thread.start()
    try:
        yield said
    finally:
        stop.set()
        thread.join()


def test_a_setting_that_changed_is_named(stack: Stack, sleeper: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also one that was added, or taken away; not what the process is given, nor what only commands read."""
    given = {**stack.environment, "DIBAO_PORT": "1"}
    assert stack.changed_settings(sleeper, given) == []
    monkeypatch.setenv("DIBAO_PORT", "7")
    monkeypatch.setenv("DIBAO_KEY", "secret")
    monkeypatch.setenv("DIBAO_OPERATOR_KEY_FILE", "elsewhere")
    monkeypatch.setenv("DIBAO_URL_PAYMENTS", "http://elsewhere")
    assert stack.changed_settings(sleeper, given) == []
    monkeypatch.setenv("DIBAO_CIPHERS", "national")
    monkeypatch.setenv("OTEL_TRACES_SAMPLER_ARG", "0.01")
    monkeypatch.delenv("DIBAO_HOSTS")
    changed = ["DIBAO_CIPHERS", "DIBAO_HOSTS", "DIBAO_PORT", "OTEL_TRACES_SAMPLER_ARG"]
    assert stack.changed_settings(sleeper, {**given, "DIBAO_PORT": "2"}) == changed


def test_why_what_runs_is_started_again(stack: Stack, sleeper: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A setting that concerns another process is no reason; that nothing is known of settings is one."""
    given = stack.record(sleeper).environment
    monkeypatch.setenv("DIBAO_HOSTS", "now.example.cn")
    assert _why_again(stack, sleeper, given, ()) == ""
    monkeypatch.setenv("DIBAO_CIPHERS", "national")
    assert _why_again(stack, sleeper, given, ()) == "changed since it began: DIBAO_CIPHERS"
    assert _why_again(stack, sleeper, given, ("deploy/program.py",)) == "what ran was of other code"
    kept = state.load(state_file(stack.settings))
    assert kept is not None
    of_before = {**kept.processes, sleeper: replace(kept.processes[sleeper], settings=None)}
    state.save(state_file(stack.settings), replace(kept, processes=of_before))
    assert _why_again(stack, sleeper, given, ()) == "with which settings it began was not kept"


def test_of_a_setting_a_digest_is_kept_that_nobody_can_guess_it_by(
    stack: Stack, sleeper: str, tmp_path: Path
) -> None:
    """Another stack keeps another one of the same value; its key lies with its data, for its owner alone."""
    kept = stack.record(sleeper).settings
    assert kept is not None
    assert kept == digests(stack.root, stack.record(sleeper).environment)
    assert "then.example.cn" not in state_file(stack.settings).read_text()
    assert (stack.root / "data" / "settings.key").stat().st_mode & 0o777 == 0o600
    (tmp_path / "data").mkdir()
    other = digests(tmp_path, (), {"DIBAO_HOSTS": "then.example.cn", "PATH": "/bin"})
    assert other.keys() == {"DIBAO_HOSTS"}
    assert other["DIBAO_HOSTS"] != kept["DIBAO_HOSTS"]


def test_a_record_of_a_version_that_kept_none_is_read(tmp_path: Path, stack: Stack, sleeper: str) -> None:
    of_now = json.loads(state_file(stack.settings).read_text())
    del of_now["processes"][sleeper]["settings"]
    (tmp_path / "state.json").write_text(json.dumps(of_now))
    read = state.load(tmp_path / "state.json")
    assert read is not None
    assert read.processes[sleeper] == replace(stack.record(sleeper), settings=None)


def test_what_died_is_started_again_with_the_settings_that_it_had(
    stack: Stack, sleeper: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And not with those of the supervisor."""
    monkeypatch.setattr(supervision, "_LOOK_SECONDS", 0.05)
    monkeypatch.setenv("DIBAO_HOSTS", "now.example.cn")
    before = stack.record(sleeper)
    with supervised(stack.settings) as said:
        time.sleep(2)
        stack.kill9(sleeper)
        eventually(lambda: stack.log(sleeper).read_text().count("HOSTS") == 2)
    assert stack.log(sleeper).read_text() == "HOSTS then.example.cn\n" * 2
    after = stack.record(sleeper)
    assert (after.falls, after.settings, after.environment) == (1, before.settings, before.environment)
    assert [sentence.partition(" (pid")[0] for sentence in said] == [
        "inheriting ended, and was started again"
    ]


def test_what_nobody_saw_alive_is_started_again_where_the_settings_are_the_same(
    stack: Stack, sleeper: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervision, "_LOOK_SECONDS", 0.05)
    monkeypatch.setattr(supervision, "_FIRST_PAUSE", 0.1)
    stack.kill9(sleeper)
    monkeypatch.setenv("DIBAO_HOSTS", "now.example.cn")
    with supervised(stack.settings) as said:
        eventually(lambda: bool(said))
    assert said[0] == (
        "inheriting ended, and cannot be started again now: it had settings that are not known here. "
        "`dibao up` starts it."
    )
    monkeypatch.setenv("DIBAO_HOSTS", "then.example.cn")
    with supervised(stack.settings) as said:
        eventually(lambda: stack.log(sleeper).read_text().count("HOSTS") == 2)
    assert stack.log(sleeper).read_text() == "HOSTS then.example.cn\n" * 2


@pytest.mark.parametrize(
    ("setting", "whom"),
    [
        ("DIBAO_CIPHERS", {"payments", "detection", "alerting", "reporting"}),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", {"payments", "detection", "alerting", "reporting"}),
        ("DIBAO_MONITOR_PORT", {"payments", "detection", "alerting", "reporting"}),
        ("DIBAO_ALERT_SMTP_PORT", {"alerting"}),
        ("DIBAO_HOSTS", {"reporting"}),
        ("DIBAO_PAYMENTS_PORT", set()),
        ("DIBAO_KAFKA_2_CONTROLLER_PORT", set()),
    ],
)
def test_a_change_concerns_whom_the_setting_is_of(setting: str, whom: set[str]) -> None:
    """Where a process listens it is given: its port is compared as all else that it is given."""
    asked = ("payments", "detection", "alerting", "reporting")
    assert {name for name in asked if concerns(name, setting)} == whom
