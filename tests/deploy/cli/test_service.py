"""`dibao service install`: units of systemd that run this checkout, checked by systemd if it is there."""

import configparser
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from deploy.deployment import PROCESSES
from tests.deploy.checkout import make_checkout, run

ELSEWHERE = {
    "DIBAO_KAFKA": "kafka.example:9092",
    "DIBAO_DATABASE_URL": 'postgresql://dibao:geheim"@db.example/dibao',
}


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program of a checkout whose path systemd could misread."""
    return make_checkout(tmp_path_factory.mktemp("service") / "低保 100%i 测试")


def unit(file: Path) -> configparser.SectionProxy:
    read = configparser.ConfigParser(interpolation=None)
    read.optionxform = str  # type: ignore[assignment, method-assign]
    read.read(file, encoding="utf-8")
    return read["Service"]


def verified(folder: Path) -> bool:
    """Whether systemd finds no fault; also where it is not installed."""
    found = shutil.which("systemd-analyze")
    files = [str(path) for path in folder.iterdir() if path.suffix in (".service", ".target")]
    return found is None or subprocess.run([found, "verify", *files], check=False).returncode == 0


def test_a_stack_with_servers_of_its_own_is_one_unit(program: Path, tmp_path: Path) -> None:
    out = tmp_path / "not" / "there"
    told = run(program, "service", "install", "--out", str(out), folder=tmp_path)
    assert told.returncode == 0, told.stdout + told.stderr
    assert {path.name for path in out.iterdir()} == {"dibao.service", "dibao.env"}
    service = unit(out / "dibao.service")
    assert service["ExecStart"] == f'"{str(program).replace("%", "%%")}" up --foreground'
    assert service["Restart"] == "on-failure"
    assert verified(out)


def test_on_servers_elsewhere_each_process_is_a_unit(program: Path, tmp_path: Path) -> None:
    """Each on a port of its own, which commands of the checkout know; secrets in a file for root only."""
    told = run(program, "service", "install", "--out", str(tmp_path), folder=tmp_path, environment=ELSEWHERE)
    assert told.returncode == 0, told.stdout + told.stderr
    services = {
        path.name.removeprefix("dibao-").removesuffix(".service") for path in tmp_path.glob("*.service")
    }
    assert services == set(PROCESSES)
    assert {unit(tmp_path / f"dibao-{name}.service")["Restart"] for name in services} == {"always"}
    ports = [
        unit(tmp_path / f"dibao-{name}.service").get("Environment") for name in ("payments", "registers")
    ]
    assert len(set(ports)) == 2
    secrets = tmp_path / "dibao.env"
    assert stat.S_IMODE(secrets.stat().st_mode) == 0o600
    assert 'DIBAO_DATABASE_URL="postgresql://dibao:geheim\\"@db.example/dibao"' in secrets.read_text()
    assert not any("geheim" in path.read_text() for path in tmp_path.glob("*.service"))
    assert verified(tmp_path)
    again = tmp_path / "again"
    run(program, "service", "install", "--out", str(again), folder=tmp_path, environment=ELSEWHERE)
    assert (again / "dibao-payments.service").read_text().replace(str(again), str(tmp_path)) == (
        tmp_path / "dibao-payments.service"
    ).read_text()


def test_half_a_setting_and_nobody_are_refused(program: Path, tmp_path: Path) -> None:
    half = run(
        program,
        "service",
        "install",
        "--out",
        "x",
        folder=tmp_path,
        environment={"DIBAO_KAFKA": "kafka:9092"},
    )
    assert half.returncode == 2
    assert "set both, or neither" in half.stderr
    nobody = run(program, "service", "install", "--out", "x", "--user", "no-such-user", folder=tmp_path)
    assert nobody.returncode == 2
    assert "There is no user no-such-user" in nobody.stderr
