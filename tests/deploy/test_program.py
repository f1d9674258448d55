"""The program `dibao`: whose code and data it takes, and its manners before any command runs."""

import json
import resource
import subprocess
from pathlib import Path

import pytest

from deploy import program
from deploy.cli.app import COMMANDS, _imported
from deploy.local.settings import CHECKOUT
from tests.deploy.checkout import make_checkout, run


@pytest.fixture(scope="module")
def mine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program of a checkout."""
    return make_checkout(tmp_path_factory.mktemp("mine") / "A")


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    """A folder with other code of the same names, as another checkout, or worse."""
    for package in ("deploy", "services", "typer", "json"):
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").write_text("raise SystemExit('FOREIGN CODE RAN')\n")
    return tmp_path


def test_code_and_data_are_those_of_its_own_checkout(mine: Path, foreign: Path) -> None:
    """Whatever the current folder holds, and whatever PYTHONPATH names."""
    checkout = mine.parents[2]
    for environment in ({}, {"PYTHONPATH": str(foreign)}):
        told = run(mine, "--version", folder=foreign, environment=environment)
        assert told.stdout.strip().endswith(str(checkout)), told.stdout + told.stderr
        down = run(mine, "down", folder=foreign, environment=environment)
        assert down.returncode == 0, down.stdout + down.stderr
    assert not (foreign / ".local").exists()


def test_its_key_is_that_of_its_checkout_also_on_servers_elsewhere(mine: Path, foreign: Path) -> None:
    """And what does not answer is said in a sentence."""
    (foreign / ".local" / "keys").mkdir(parents=True)
    (foreign / ".local" / "keys" / "master.key").write_text("00" * 32)
    dead = {"DIBAO_KAFKA": "127.0.0.1:1", "DIBAO_DATABASE_URL": "postgresql://dibao:x@127.0.0.1:1/dibao"}
    told = run(mine, "close-day", "2021-01-01", folder=foreign, environment=dead)
    assert told.returncode == 1
    assert f"no master key at {mine.parents[2] / '.local' / 'keys' / 'master.key'}" in told.stderr
    read = run(mine, "anomalies", folder=foreign, environment=dead)
    assert read.returncode == 1
    assert "Kafka or PostgreSQL does not answer" in read.stderr
    status = run(mine, "status", "--format", "json", folder=foreign, environment=dead)
    assert status.returncode == 1
    assert [(row["name"], row["state"]) for row in json.loads(status.stdout)] == [
        ("kafka", "无应答"),
        ("postgres", "无应答"),
    ]
    for words in (("template", "payments", "--out", "no/x.xlsx"), ("bench", "--out", "no/x.json")):
        refused = run(mine, *words, folder=foreign)
        assert refused.returncode == 2
        assert "there is no folder no" in refused.stderr


def test_a_link_to_the_program_runs_the_checkout_that_it_leads_to(mine: Path, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    link = tmp_path / "bin" / "dibao"
    link.symlink_to(mine)
    assert run(link, "--version", folder=tmp_path).stdout.strip().endswith(str(mine.parents[2]))


def test_its_children_are_started_as_it_was(foreign: Path) -> None:
    """A process that the program starts finds our code too, and no other."""
    child = subprocess.run(
        program.command("deploy.cli", "--version"),
        cwd=foreign,
        env={"PYTHONPATH": str(foreign)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert child.stdout.strip().endswith(str(CHECKOUT)), child.stdout + child.stderr


def test_it_calls_itself_dibao_and_knows_what_was_meant(mine: Path, tmp_path: Path) -> None:
    for words in (("-h",), ("down", "-h"), ("source", "add", "-h")):
        told = run(mine, *words, folder=tmp_path)
        assert told.returncode == 0
        assert f"Usage: dibao {' '.join(words[:-1])}".strip() in told.stdout
    wrong = run(mine, "statsu", folder=tmp_path)
    assert wrong.returncode == 2
    assert "Did you mean 'status'" in wrong.stderr


def test_completion_completes(mine: Path, tmp_path: Path) -> None:
    """What `--install-completion` installs for bash knows commands, their options and groups of them."""
    # For the shell that it is called from: one has to be there, whatever has started the tests.
    asked = run(Path("/bin/bash"), "-c", f"'{mine}' --install-completion; exit $?", folder=tmp_path)
    assert asked.returncode == 0, asked.stdout + asked.stderr
    for words, found in (("le", "ledger"), ("down --pu", "--purge"), ("source re", "revoke")):
        typed = words.split()
        script = (
            f"source {tmp_path}/.bashrc; COMP_WORDS=(dibao {words}); COMP_CWORD={len(typed)}; "
            f'_dibao_completion {mine}; echo "${{COMPREPLY[@]}}"'
        )
        told = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
        assert found in told.stdout.split(), told


def test_its_help_is_there_in_well_under_a_second_of_processor_time(mine: Path, tmp_path: Path) -> None:
    run(mine, "--help", folder=tmp_path)  # compiles
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    told = run(mine, "--help", folder=tmp_path)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert "annex2" in told.stdout
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 0.8


def test_every_command_of_the_list_is_there() -> None:
    for name, listed in COMMANDS.items():
        assert _imported(listed.module)[name].name == name
