"""``dibao service``: units of systemd, so that what runs here comes back after a crash or a restart."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import typer

from deploy.cli.output import console, fail
from deploy.cli.telling import say
from deploy.deployment import PROCESSES, STATE, WITH_HTTP
from deploy.local import StackSettings, ports
from deploy.local.settings import CHECKOUT
from deploy.local.state import StackState, load, save

_SYSTEM = Path("/etc/systemd/system")
_SYSTEM_ENVIRONMENT = Path("/etc/dibao/dibao.env")
_NOT_KEPT = {"DIBAO_PORT", "DIBAO_KEY", "DIBAO_OPERATOR_KEY"}
"""Settings of one process, and keys of people at a terminal: no service needs them."""

app = typer.Typer(help="Run dibao as a service of this machine (systemd).", no_args_is_help=True)


def register(root: typer.Typer) -> None:
    """Hang this group into the root."""
    root.add_typer(app, name="service")


@app.callback()
def _group() -> None:
    """Run dibao as a service of this machine (systemd)."""


@dataclass(frozen=True)
class Place:
    """What the units have in common: the program, the user, and a file of settings, which may be secret."""

    program: Path
    user: str
    environment_file: Path

    def unit(self, description: str, words: str, *, more: Mapping[str, str], wanted_by: str) -> str:
        """Return the text of a service unit that runs ``dibao`` with these words."""
        service = {
            "Type": "exec",
            "User": self.user,
            "WorkingDirectory": _path(CHECKOUT),
            "EnvironmentFile": _path(self.environment_file),
            "ExecStart": f'"{_path(self.program)}" {words}',
            "RestartSec": "2",
            "NoNewPrivileges": "yes",
            **more,
        }
        return (
            "# Written by `dibao service install`.\n"
            f"[Unit]\nDescription={description}\nAfter=network-online.target\nWants=network-online.target\n"
            # However often it dies, it is started again.
            "StartLimitIntervalSec=0\n\n[Service]\n"
            + "".join(f"{name}={value}\n" for name, value in service.items())
            + f"\n[Install]\nWantedBy={wanted_by}\n"
        )


def _path(path: Path) -> str:
    """Return a path as systemd reads it: % begins a specifier."""
    return str(path).replace("%", "%%")


def whole_stack(place: Place) -> dict[str, str]:
    """Return the one unit of a stack with servers of its own, which starts and supervises all of them."""
    more = {
        "Restart": "on-failure",
        # Servers recover for as long as they need, and write what is in memory before they end.
        "TimeoutStartSec": "infinity",
        "TimeoutStopSec": "10min",
        "KillMode": "mixed",
    }
    unit = place.unit("dibao: all of it", "up --foreground", more=more, wanted_by="multi-user.target")
    return {"dibao.service": unit}


def each_process(place: Place, listening: Mapping[str, int]) -> dict[str, str]:
    """Return a unit for each process on servers that run elsewhere, and the target of all of them."""
    units = {
        "dibao.target": "# Written by `dibao service install`.\n[Unit]\nDescription=dibao: all of it\n\n"
        "[Install]\nWantedBy=multi-user.target\n"
    }
    for name, services in PROCESSES.items():
        more = {"Restart": "always", "TimeoutStopSec": "30"}
        if name in listening:
            more["Environment"] = f"DIBAO_PORT={listening[name]}"
        text = place.unit(
            f"dibao: {name}", f"serve {' '.join(services)}", more=more, wanted_by="dibao.target"
        )
        units[f"dibao-{name}.service"] = text.replace("[Unit]\n", "[Unit]\nPartOf=dibao.target\n")
    return units


@app.command("install")
def install(
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder to write the units into, instead of systemd's own.")
    ] = None,
    user: Annotated[
        str | None, typer.Option("--user", help="Who runs it; by default the owner of this checkout.")
    ] = None,
    environment_file: Annotated[
        Path | None,
        typer.Option(
            "--environment-file",
            help="File of settings (DIBAO_…=…), for root's eyes only. Where it is missing, it is written "
            "with the settings of now.",
        ),
    ] = None,
) -> None:
    """Write units of systemd.

    One unit, dibao.service, for a stack with Kafka and PostgreSQL of its own; where DIBAO_KAFKA and
    DIBAO_DATABASE_URL name others, one unit a process, and dibao.target. systemd-analyze checks them.
    """
    settings = StackSettings.from_environment()
    if (settings.kafka is None) != (settings.database_url is None):
        raise fail(
            "Only one of DIBAO_KAFKA and DIBAO_DATABASE_URL is set: set both, or neither.",
            2,
        )
    if out is None and os.geteuid() != 0:
        raise fail(f"Only root may write to {_SYSTEM}: use sudo, or name a folder with --out.", 2)
    folder = out.resolve() if out is not None else _SYSTEM
    secrets = environment_file or (folder / "dibao.env" if out is not None else _SYSTEM_ENVIRONMENT)
    owner = user or pwd.getpwuid(CHECKOUT.stat().st_uid).pw_name
    try:
        pwd.getpwnam(owner)
    except KeyError:
        raise fail(f"There is no user {owner} on this machine.", 2) from None
    place = Place(CHECKOUT / ".venv" / "bin" / "dibao", owner, secrets.resolve())
    units = whole_stack(place) if settings.kafka is None else each_process(place, _listening(settings))
    folder.mkdir(parents=True, exist_ok=True)
    _write_settings(place.environment_file)
    for name, text in units.items():
        (folder / name).write_text(text, encoding="utf-8")
    _verify([folder / name for name in units])
    started = next(iter(units))
    console.print(f"Written to {folder}: {', '.join(units)}.", soft_wrap=True)
    console.print(
        f"Start it with: systemctl daemon-reload && systemctl enable --now {started}", soft_wrap=True
    )


def _listening(settings: StackSettings) -> dict[str, int]:
    """Choose the ports, and keep them, so that commands of this checkout find the services."""
    kept = load(STATE) or StackState()
    chosen = dict(kept.ports)
    for name in PROCESSES:
        if name in WITH_HTTP:
            fixed = settings.ports.get(name) or chosen.get(name)
            chosen[name] = fixed or ports.choose(name, settings.ports, chosen)
    save(STATE, replace(kept, ports=chosen))
    return {name: chosen[name] for name in PROCESSES if name in WITH_HTTP}


def _write_settings(file: Path) -> None:
    if file.exists():
        say(f"The settings in {file} stay as they are")
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    lines = [
        f'{name}="{_quoted(value)}"\n'
        for name, value in sorted(os.environ.items())
        if name.startswith("DIBAO_") and name not in _NOT_KEPT and value
    ]
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
        opened.write("# Settings of dibao, DIBAO_...=...; may hold secrets.\n" + "".join(lines))


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')


def _verify(files: list[Path]) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        say("systemd-analyze is not here: the units were not checked")
        return
    answer = subprocess.run(
        [program, "verify", "--recursive-errors=no", *map(str, files)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if answer.returncode != 0 or answer.stderr.strip():
        raise fail(f"systemd-analyze finds faults in the units: {answer.stderr.strip()}")
