"""What code a process runs: all that it has loaded of ours, and nothing of its neighbours."""

import json
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from deploy.deployment import PROCESSES, WITH_HTTP
from deploy.local.code import fingerprint
from deploy.local.settings import CHECKOUT
from deploy.rooms import rooms_of

LOADED = """
import importlib, json, sys
for name in sys.argv[1:]:
    importlib.import_module(f"services.{name}.service")
importlib.import_module("deploy.cli.serving")
if sys.argv[1] in importlib.import_module("events.catalogue").UPSTREAM_CONTEXTS:
    importlib.import_module("services.intake.service")
print(json.dumps({name: getattr(module, "__file__", None) for name, module in sys.modules.items()}))
"""

KINDS = ["payments", "registers", "detection", "projector", "alerting", "reporting", "closer", "journal"]


@cache
def modules(*services: str) -> dict[str, str | None]:
    """What a process of these services has loaded: the names of modules, and their files."""
    printed = subprocess.run(
        [sys.executable, "-c", LOADED, *services], cwd=CHECKOUT, check=True, capture_output=True
    )
    found: dict[str, str | None] = json.loads(printed.stdout)
    return found


def loaded(*services: str) -> set[str]:
    """The files of this checkout that are loaded by a process of these services."""
    files = [Path(file).resolve() for file in modules(*services).values() if file]
    return {file.relative_to(CHECKOUT).as_posix() for file in files if file.is_relative_to(CHECKOUT)}


@pytest.mark.parametrize("name", KINDS)
def test_a_process_carries_no_library_that_it_does_not_use(name: str) -> None:
    # Each takes 2 to 57 MB, and a machine has thirteen of these processes.
    found = modules(*PROCESSES[name])
    assert {"alembic", "openpyxl", "opentelemetry.sdk", "pypinyin"}.isdisjoint(found)
    # What asks others by HTTP has a command line of its own, which prints with rich.
    assert ("rich" in found) == ("httpx" in found) == (name == "alerting")
    assert ("fastapi" in found) == (name in WITH_HTTP)
    assert ("faust" in found) == (name == "detection")
    # Who makes or reads generations declares their tables; the others know theirs by name.
    assert ("sqlalchemy" in found) == (name in ("detection", "projector", "alerting", "reporting"))


@pytest.mark.parametrize("name", KINDS)
def test_all_that_a_process_loads_is_in_its_rooms(name: str) -> None:
    rooms = rooms_of(PROCESSES[name])
    outside = {
        file
        for file in loaded(*PROCESSES[name])
        # Of the command line only what serves is of the process; packages have nothing but what they are for.
        if file.startswith(("events/", "projections/", "services/")) and not file.endswith("/__init__.py")
        if not file.startswith(tuple(f"{room}/" for room in rooms))
    }
    assert outside == set()


def test_a_process_is_made_of_its_own_rooms_and_those_below() -> None:
    assert rooms_of(["clues"])[:4] == ("events", "services/clues", "services/intake", "services/platform")
    assert {"services/detection", "projections"}.isdisjoint(rooms_of(["payments"]))
    assert {"services/intake", "projections"}.isdisjoint(rooms_of(["detection"]))
    assert "projections" in rooms_of(["reporting"])


def test_other_code_has_another_digest(tmp_path: Path) -> None:
    room = tmp_path / "services" / "clues"
    room.mkdir(parents=True)
    (room / "service.py").write_text("A = 1")
    (tmp_path / "lock").write_text("one==1")
    before = fingerprint(["services/clues", "lock"], tmp_path)
    (room / "__pycache__").mkdir()
    (room / "__pycache__" / "service.pyc").write_text("compiled")
    (tmp_path / "services" / "other.py").write_text("of another room")
    assert fingerprint(["lock", "services/clues"], tmp_path) == before
    (room / "service.py").write_text("A = 2")
    changed = fingerprint(["services/clues", "lock"], tmp_path)
    (room / "service.py").rename(room / "renamed.py")
    assert len({before, changed, fingerprint(["services/clues", "lock"], tmp_path)}) == 3
    assert fingerprint(["services/clues", "missing"], tmp_path) == fingerprint(["services/clues"], tmp_path)
