"""Alerts fire when they should, and whoever is woken finds a page; nothing is drawn that nobody counts."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from deploy.deployment import PROCESSES
from deploy.monitoring import dashboard
from services.platform import metrics  # noqa: F401 - declares what is counted

FOLDER = Path(dashboard.__file__).parent
RULES = (FOLDER / "alerts.yml").read_text(encoding="utf-8")
ALERTS = re.findall(r"- alert: (\w+)", RULES)
PAGE = FOLDER.parents[1] / "docs" / "operations" / "alerts.md"


def promtool(*arguments: str) -> subprocess.CompletedProcess[str]:
    beside = str(Path(sys.executable).parent)
    program = shutil.which("promtool", path=os.pathsep.join([beside, os.environ["PATH"]]))
    assert program, "promtool is missing: `make tools` fetches it"
    return subprocess.run([program, *arguments], cwd=FOLDER, capture_output=True, text=True, timeout=60)


def counted() -> set[str]:
    """The names of all series that a process shows."""
    found: set[str] = set()
    for family in REGISTRY.collect():
        found |= {sample.name for sample in family.samples} | {family.name}
        if family.type == "counter":
            found.add(f"{family.name}_total")
        if family.type == "histogram":
            found |= {f"{family.name}_{part}" for part in ("bucket", "count", "sum")}
    return found


def asked(text: str) -> Iterator[str]:
    yield from re.findall(r"\b(?:dibao|process)_[a-z_]+", text)


def test_each_alert_is_shown_to_fire_and_not_to_fire() -> None:
    done = promtool("test", "rules", "alerts.test.yml")
    assert done.returncode == 0, done.stdout + done.stderr
    shown = (FOLDER / "alerts.test.yml").read_text(encoding="utf-8")
    assert {*ALERTS} == {*re.findall(r"alertname: (\w+)", shown)}


def test_prometheus_takes_the_configuration_and_asks_every_process() -> None:
    done = promtool("check", "config", "prometheus.yml")
    assert done.returncode == 0, done.stdout + done.stderr
    configured = (FOLDER / "prometheus.yml").read_text(encoding="utf-8")
    assert re.findall(r"- ([a-z]+):9400", configured) == [*PROCESSES]


@pytest.mark.parametrize("alert", ALERTS)
def test_each_alert_has_its_page(alert: str) -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert f"\n## {alert}\n" in page
    assert f"docs/operations/alerts.md#{alert.lower()}" in RULES


def test_only_what_is_counted_is_asked_for() -> None:
    drawn = "".join(expression for panel in dashboard.PANELS for expression, _ in panel.lines)
    names = {*asked(RULES), *asked(drawn)}
    assert names - counted() == set()
    mentioned = {name for name in asked(PAGE.read_text(encoding="utf-8")) if not name.endswith("_")}
    assert mentioned - counted() == set()


def test_the_dashboard_is_written_from_its_declaration() -> None:
    assert dashboard.FILE.read_text(encoding="utf-8") == dashboard.text()
