"""docker-compose.yml and Dockerfile, where no engine runs: by their rules, and put together by hand."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from typer.testing import CliRunner

from deploy.cli.app import app
from deploy.deployment import PROCESSES, WITH_HTTP
from deploy.local.settings import CHECKOUT

COMPOSE: dict[str, Any] = yaml.safe_load((CHECKOUT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, Any] = COMPOSE["services"]
FILES = ("docker-compose.yml", "docker-compose.servers.yml")
SCHEMA = json.loads((Path(__file__).parent / "compose-spec.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `dibao secrets` makes."""
    folder = tmp_path_factory.mktemp("compose") / "secrets"
    done = CliRunner().invoke(app, ["secrets", str(folder), "--host", "dibao.example"])
    assert done.exit_code == 0, done.output
    return folder


@pytest.mark.parametrize("name", FILES)
def test_compose_takes_the_file(name: str) -> None:
    """By the published schema of the Compose Specification, which refuses what it does not know."""
    found = jsonschema.Draft7Validator(SCHEMA).iter_errors(
        yaml.safe_load((CHECKOUT / name).read_text(encoding="utf-8"))
    )
    assert [f"{'.'.join(map(str, one.absolute_path))}: {one.message}" for one in found] == []


def test_every_process_is_there_and_is_what_a_local_one_is() -> None:
    assert {name: tuple(SERVICES[name]["command"]) for name in PROCESSES} == {
        name: ("serve", *services) for name, services in PROCESSES.items()
    }


@pytest.mark.parametrize("name", [*PROCESSES, "prepare"])
def test_a_process_can_do_little_and_tells_no_secret(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] and service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    told = service["environment"]
    assert "DIBAO_DATABASE_URL" not in told and "DIBAO_OPERATOR_KEY" not in told
    read = {
        value.removeprefix("/run/secrets/") for value in told.values() if value.startswith("/run/secrets/")
    }
    assert read == {*service["secrets"]}, "each file that it is given is one that it is told of"
    assert told["DIBAO_KAFKA_USER"] == ("operator" if name == "prepare" else name)
    assert ("ports" in service) == (name in WITH_HTTP)
    for port in service.get("ports", ()):
        assert port.startswith("127.0.0.1:"), "whoever wants it heard elsewhere says so"


def test_the_secrets_are_those_that_are_made_and_only_their_owner_reads_the_folder(secrets: Path) -> None:
    assert {*COMPOSE["secrets"]} == {file.name for file in secrets.iterdir()}
    used = {name for service in SERVICES.values() for name in service.get("secrets", ())}
    assert used == {*COMPOSE["secrets"]}
    assert secrets.stat().st_mode & 0o777 == 0o700


def test_secrets_are_never_made_twice(secrets: Path) -> None:
    before = {file.name: file.read_bytes() for file in secrets.iterdir()}
    done = CliRunner().invoke(app, ["secrets", str(secrets)])
    assert done.exit_code == 2
    assert {file.name: file.read_bytes() for file in secrets.iterdir()} == before


@pytest.mark.parametrize("name", ["web.pem", "postgres.pem", "kafka.pem"])
def test_certificates_are_believed_by_whoever_believes_the_authority(secrets: Path, name: str) -> None:
    done = subprocess.run(
        ["openssl", "verify", "-x509_strict", "-CAfile", secrets / "ca.pem", secrets / name],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def instructions() -> list[tuple[str, str]]:
    text = (CHECKOUT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    found = (line.partition(" ") for line in text.splitlines() if line and not line.startswith("#"))
    return [(word, rest.strip()) for word, _, rest in found]


def test_the_image_runs_as_nobody_from_named_bases() -> None:
    words = instructions()
    assert [rest for word, rest in words if word == "USER"] == ["10001"]
    bases = [rest for word, rest in words if word == "FROM"]
    assert all(re.match(r"python:3\.11-slim-bookworm\b", base) for base in bases), bases
    assert {"HEALTHCHECK", "ENTRYPOINT"} <= {word for word, _ in words}


def test_what_the_image_copies_is_all_that_the_program_needs(tmp_path: Path) -> None:
    """Its COPY steps, done in an empty folder; then every service is imported there, by its entry point."""
    root = tmp_path / "root"
    ignored = (CHECKOUT / ".dockerignore").read_text(encoding="utf-8").split()
    for word, rest in instructions():
        if word == "COPY" and "--from" not in rest:
            *sources, target = shlex.split(rest)
            for source in sources:
                assert f"!{source}" in ignored, f"{source} is not sent to the engine"
                whole = CHECKOUT / source
                place = root / target.lstrip("/")
                if whole.is_dir():
                    shutil.copytree(whole, place, ignore=shutil.ignore_patterns("__pycache__"))
                else:
                    place = place / source if target.endswith("/") else place
                    place.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy(whole, place)
    entry = json.loads(next(rest for word, rest in instructions() if word == "ENTRYPOINT"))
    program = [sys.executable, *entry[1:]]
    program[program.index("/opt/dibao/deploy/program.py")] = str(root / "opt/dibao/deploy/program.py")
    shown = subprocess.run([*program, "--help"], capture_output=True, text=True, timeout=60, check=False)
    assert shown.returncode == 0 and "serve" in shown.stdout, shown.stderr
    modules = [f"services.{name}.service" for names in PROCESSES.values() for name in names]
    modules += [
        "deploy.cli.preparing",
        "deploy.cli.secrets",
        "deploy.vocabulary",
        "deploy.migrations.upgrade",
    ]
    script = f"import sys; sys.path.insert(0, {str(root / 'opt/dibao')!r})\n" + "".join(
        f"import {module}\n" for module in modules
    )
    outside = f"assert not any('{CHECKOUT}/s' in str(m) for m in sys.modules.values()), 'of the checkout'"
    done = subprocess.run(
        [sys.executable, "-I", "-c", script + outside],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"]},
    )
    assert done.returncode == 0, done.stderr
