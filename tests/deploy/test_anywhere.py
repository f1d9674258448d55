"""A whole stack where it is hardest, and what becomes of it when parts of it die.

Below a folder with a Chinese name and a blank, as an ordinary user, with an ASCII locale, told what to do
from a folder that holds other code.
"""

import json
import os
import pwd
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from deploy.local import jars, ports
from deploy.local.settings import LOCAL
from tests.deploy.checkout import interpreter, is_open_to_all, make_checkout, run
from tests.oracle.facts import read_facts, versions_by_event

GOLDEN = Path(__file__).parents[1] / "golden" / "facts.ndjson"
ASCII = {"LC_ALL": "C", "PYTHONIOENCODING": "ascii"}


@dataclass
class Elsewhere:
    """A checkout with its stack, and a folder of other code in which commands are given."""

    program: Path
    foreign: Path
    user: int | None

    def run(self, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        """A command, with `more` in its environment."""
        return run(self.program, *words, folder=self.foreign, environment={**ASCII, **more}, user=self.user)

    @contextmanager
    def running(self, *words: str, **options: Any) -> Iterator[subprocess.Popen[bytes]]:
        """A command that goes on meanwhile; ended with the block, if it has not by itself."""
        process = subprocess.Popen(
            [self.program, *words],
            cwd=self.foreign,
            env={"PATH": os.environ["PATH"], "HOME": str(self.foreign), **ASCII},
            user=self.user,
            **options,
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()

    @property
    def local(self) -> Path:
        return self.program.parents[2] / ".local"

    def processes(self) -> dict[str, dict[str, Any]]:
        kept: dict[str, dict[str, Any]] = json.loads((self.local / "state.json").read_text())["processes"]
        return kept

    def pids(self) -> dict[str, int]:
        return {name: process["pid"] for name, process in self.processes().items()}

    def kill(self, *names: str) -> None:
        """Kill -9 processes, as a crash would."""
        for name in names:
            os.kill(self.pids()[name], signal.SIGKILL)

    def done(self, *words: str, **more: str) -> str:
        """What a command says that succeeds."""
        told = self.run(*words, **more)
        assert told.returncode == 0, told.stdout + told.stderr
        return told.stdout

    def rows(self, *words: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.done(*words, "--format", "ndjson").splitlines()]

    def findings(self) -> dict[tuple[str, str], tuple[str, str]]:
        """The open anomalies: severity and parameters by rule and key."""
        return {
            (row["rule"], str(row["key"])): (row["severity"], str(row["params"]))
            for row in self.rows("anomalies")
        }

    def change(self, file: str, before: str, after: str) -> None:
        """Another version of the code of this checkout."""
        path = self.program.parents[2] / file
        source = path.read_text(encoding="utf-8")
        assert source.count(before) == 1
        path.write_text(source.replace(before, after), encoding="utf-8")

    def status(self) -> tuple[int, dict[str, dict[str, Any]]]:
        """The exit code of `dibao status`, and its rows by name."""
        told = self.run("status", "--format", "ndjson")
        assert "Traceback" not in told.stderr
        return told.returncode, {row["name"]: row for row in map(json.loads, told.stdout.splitlines())}


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Elsewhere]:
    folder = Path(tempfile.mkdtemp(prefix="dibao-elsewhere-"))
    folder.chmod(0o755)
    home = folder / "低保 测试"
    program = make_checkout(home)
    (home / ".local").mkdir()
    libs = jars.ensure(LOCAL, print).resolve()
    foreign = folder / "foreign"
    (foreign / "deploy").mkdir(parents=True)
    (foreign / "deploy" / "__init__.py").write_text("raise SystemExit('FOREIGN CODE RAN')\n")
    user = None
    if os.geteuid() == 0 and is_open_to_all(Path(interpreter())) and is_open_to_all(libs):
        user = pwd.getpwnam("nobody").pw_uid
        for path in [folder, *folder.rglob("*")]:
            os.chown(path, user, user, follow_symlinks=False)
        (home / ".local" / libs.parent.name).symlink_to(libs.parent)
    else:
        (home / ".local" / libs.parent.name).symlink_to(libs.parent)
    found = Elsewhere(program, foreign, user)
    try:
        yield found
    finally:
        down = found.run("down", "--purge", "--yes")
        assert down.returncode == 0, down.stdout + down.stderr
        shutil.rmtree(folder)


def eventually(holds: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def test_it_starts_anywhere(elsewhere: Elsewhere) -> None:
    up = elsewhere.run("up")
    assert up.returncode == 0, up.stdout + up.stderr
    assert f"logs are in {elsewhere.local}/log" in up.stdout
    code, rows = elsewhere.status()
    assert code == 0
    assert {row["state"] for row in rows.values()} == {"运行"}
    assert rows["payments"]["lag"] == 0
    assert rows["kafka"]["detail"] == "", "all topics are younger than signing"
    assert stat.S_IMODE((elsewhere.local / "keys" / "log.key").stat().st_mode) == 0o600
    assert "进程" in elsewhere.run("status").stdout


def test_what_dies_is_started_again(elsewhere: Elsewhere) -> None:
    """By the supervisor, on the same port; what lives is left alone."""
    before = elsewhere.pids()
    elsewhere.kill("payments")
    eventually(lambda: elsewhere.pids()["payments"] != before["payments"])
    after = elsewhere.pids()
    assert {name for name in before if after[name] != before[name]} == {"payments"}
    eventually(lambda: elsewhere.status()[0] == 0)
    assert "1" in elsewhere.status()[1]["payments"]["detail"]


def test_up_restarts_whom_a_changed_setting_concerns(elsewhere: Elsewhere) -> None:
    """And says which setting it is; whoever dies has it when started again, and nobody is restarted twice."""

    def tries() -> str:
        environment = Path(f"/proc/{elsewhere.pids()['alerting']}/environ").read_text(encoding="utf-8")
        return next(each for each in environment.split("\0") if each.startswith("DIBAO_ALERT_TRIES="))

    before = elsewhere.pids()
    told = elsewhere.done("up", DIBAO_ALERT_TRIES="3")
    assert "Restarting alerting: changed since it began: DIBAO_ALERT_TRIES" in told
    changed = elsewhere.pids()
    restarted = {name for name in before if changed[name] != before[name]}
    assert restarted == {"alerting", "supervisor"}
    assert "Restarting" not in elsewhere.done("up", DIBAO_ALERT_TRIES="3")
    assert elsewhere.pids() == changed
    elsewhere.done("restart", "supervisor")
    eventually(lambda: elsewhere.status()[0] == 0)
    elsewhere.kill("alerting")
    eventually(lambda: elsewhere.pids()["alerting"] != changed["alerting"])
    if os.uname().sysname == "Linux":
        eventually(lambda: elsewhere.status()[0] == 0)
        assert tries() == "DIBAO_ALERT_TRIES=3"
    # Where a process listens is a setting as well.
    other = str(ports.choose("payments", {}, {}))
    told = elsewhere.done("up", DIBAO_PAYMENTS_PORT=other)
    assert "Restarting alerting: changed since it began: DIBAO_ALERT_TRIES" in told
    assert "Restarting payments: changed since it began: DIBAO_PORT" in told
    assert elsewhere.status()[1]["payments"]["address"].endswith(f":{other}")


@pytest.mark.slow
def test_up_heals_what_died_and_leaves_alone_what_lives(elsewhere: Elsewhere) -> None:
    """In the middle of what an office hands over: said again it is all there, and nothing of it twice."""
    facts = elsewhere.foreign / "facts.ndjson"
    shutil.copy(GOLDEN, facts)
    before = elsewhere.pids()
    dead = {"supervisor", "postgres", "kafka", "projector", "detection"}
    with elsewhere.running("publish", facts.name, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL):
        log = elsewhere.local / "data" / "kafka" / "log"
        eventually(lambda: any(file.stat().st_size for file in log.glob("dibao.enrollment-*/*.log")))
        elsewhere.kill(*dead)
    code, rows = elsewhere.status()
    assert code == 1
    assert {name for name, row in rows.items() if row["state"] == "已停"} == dead
    assert rows["payments"]["state"] == "不可用"
    up = elsewhere.run("up")
    assert up.returncode == 0, up.stdout + up.stderr
    after = elsewhere.pids()
    assert {name for name in before if after[name] != before[name]} == dead
    eventually(lambda: elsewhere.status()[0] == 0)

    published = elsewhere.run("publish", facts.name, "--format", "json")
    assert json.loads(published.stdout)["rejected"] == 0, published.stdout
    again = json.loads(elsewhere.run("publish", facts.name, "--format", "json").stdout)
    assert (again["accepted"], again["rejected"]) == (0, 0)
    assert elsewhere.run("wait", "--timeout", "60").returncode == 0
    ledger = elsewhere.run("ledger", "payments", "--limit", "10000", "--format", "ndjson").stdout.splitlines()
    versions = versions_by_event(read_facts(GOLDEN)).values()  # also those that are undone, or in conflict
    paid = [fact.data["payment_no"] for each in versions for fact in each if fact.kind == "payments.paid"]
    assert sorted(json.loads(line)["payment_no"] for line in ledger) == sorted(paid)


@pytest.mark.slow
def test_processes_are_restarted_by_name(elsewhere: Elsewhere) -> None:
    before = elsewhere.pids()
    told = elsewhere.run("restart", "payments", "kafka")
    assert told.returncode == 0, told.stdout + told.stderr
    after = elsewhere.pids()
    assert {name for name in before if after[name] != before[name]} == {"payments", "kafka"}
    wrong = elsewhere.run("restart", "payment")
    assert wrong.returncode == 2
    assert "Did you mean payments?" in " ".join(wrong.stderr.split())


def custodies(findings: Mapping[tuple[str, str], tuple[str, str]]) -> set[str]:
    """The severities that custodies past their last day have."""
    return {severity for (rule, _), (severity, _) in findings.items() if rule == "custody-expired"}


# Two minutes; tests/deploy/cli/test_rebuilding.py says the same of one process in each run.
@pytest.mark.slow
def test_after_an_upgrade_up_rebuilds_what_the_code_of_before_has_filled(elsewhere: Elsewhere) -> None:
    """First while the processes of before still run, then, back again, after a `down`."""
    facts = Path(shutil.copy(GOLDEN, elsewhere.foreign))
    facts.chmod(0o644)
    elsewhere.done("publish", str(facts))
    elsewhere.done("wait")
    elsewhere.done("close-day", "2021-10-31")
    elsewhere.done("wait")
    before, ledger = elsewhere.findings(), elsewhere.rows("ledger", "payments")
    assert custodies(before) == {"medium"}
    pids = elsewhere.pids()

    question = "projections/ledgers/payments.sql"
    elsewhere.change(question, "p.paid_on <= payments_ledger.until", "payments_ledger.until >= p.paid_on")
    rule = "services/detection/rules/custody/custody_expired.py"
    elsewhere.change(rule, 'severity="medium"', 'severity="low"')
    elsewhere.change("services/payments/service.py", "资金发放", "资金发放与追回")
    code, processes = elsewhere.status()
    assert code == 1
    assert {name for name, row in processes.items() if row["state"] == "停滞"} == {"detection", "projector"}
    waiting = elsewhere.run("wait")
    assert waiting.returncode == 1
    assert "A rebuild of detection and projection is due" in " ".join(waiting.stderr.split())
    told = elsewhere.done("up")
    said = (
        "Restarting payments: ",
        "of projection is due",
        "of the projection is live",
        "of detection is due",
        "of detection is live",
        "Restarting detection, projector, alerting, reporting: ",
    )
    assert (places := [told.index(words) for words in (*said, "dibao is up.")]) == sorted(places)
    after = elsewhere.pids()
    # Who reads the ledgers as well; contexts and the calendar have nothing of what was changed.
    restarted = {name for name in pids if after[name] != pids[name]}
    assert restarted == {"payments", "detection", "projector", "alerting", "reporting"}
    assert "Restarting" not in elsewhere.done("up"), "they run this code now"
    assert elsewhere.pids() == after
    elsewhere.done("wait")
    found = elsewhere.findings()
    assert custodies(found) == {"low"}
    assert found.keys() == before.keys()
    assert elsewhere.rows("ledger", "payments") == ledger
    eventually(lambda: elsewhere.status()[0] == 0)

    elsewhere.done("down")
    elsewhere.change(question, "payments_ledger.until >= p.paid_on", "p.paid_on <= payments_ledger.until")
    elsewhere.change(rule, 'severity="low"', 'severity="medium"')
    told = elsewhere.done("up")
    assert "A rebuild of projection is due" in told and "A rebuild of detection is due" in told
    elsewhere.done("wait")
    assert elsewhere.findings() == before
    assert elsewhere.rows("ledger", "payments") == ledger
    assert "A rebuild" not in elsewhere.done("up"), "once is enough"


def test_its_processes_run_isolated(elsewhere: Elsewhere) -> None:
    ours = {
        name: record for name, record in elsewhere.processes().items() if name not in ("kafka", "postgres")
    }
    home = str(elsewhere.program.parents[2])
    for name, record in ours.items():
        assert "-I" in record["command"], name
        assert any(word.startswith(home) for word in record["command"]), name
        assert (
            Path(f"/proc/{record['pid']}/cwd").readlink() == elsewhere.local or os.uname().sysname != "Linux"
        )


def test_in_the_foreground_it_supervises_and_ends_all_when_told_to(elsewhere: Elsewhere) -> None:
    """As a service manager runs it."""
    with elsewhere.running("up", "--foreground", stdout=subprocess.PIPE) as up:
        assert up.stdout is not None
        said = b""
        while b"dibao is up." not in said:
            line = up.stdout.readline()
            assert line, said
            said += line
        before = elsewhere.pids()
        elsewhere.kill("supervisor", "closer")
        eventually(lambda: elsewhere.pids()["closer"] != before["closer"])
        up.terminate()
        said += up.communicate(timeout=90)[0]
    assert up.returncode == 0, said
    assert elsewhere.processes() == {}


def test_a_log_key_that_was_lost_is_not_made_anew(elsewhere: Elsewhere) -> None:
    """Or what is on the log would be another's."""
    key = elsewhere.local / "keys" / "log.key"
    lost = key.rename(key.with_name("lost"))
    up = elsewhere.run("up")
    assert up.returncode == 1
    assert "restore it from its backup" in " ".join((up.stdout + up.stderr).split())
    assert not key.exists()
    assert elsewhere.processes() == {}
    lost.rename(key)
