"""Releases of the contract: one file each, written once."""

import json
import re
from pathlib import Path

from deploy.contract.export import FOLDER, RELEASES
from events.catalogue import VERSION
from events.compatibility import Breach, breaches
from events.release import Contract, contract

Version = tuple[int, ...]


class ReleaseRefusedError(Exception):
    """A release may not be written so; the message says why."""


def number(version: str) -> Version:
    """Return a version as it is ordered. Raises ReleaseRefusedError where it is none."""
    if not re.fullmatch(r"(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*)){2}", version):
        raise ReleaseRefusedError(f"{version} is no version like 1.2.0")
    return tuple(map(int, version.split(".")))


def released(folder: Path = FOLDER) -> dict[str, Contract]:
    """Return every release by its version, in order."""
    found = sorted((folder / RELEASES).glob("*.json"), key=lambda file: number(file.stem))
    return {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in found}


def broken(folder: Path = FOLDER) -> list[tuple[str, Breach]]:
    """Return every promise of every release that the contract of today does not keep."""
    today = contract()
    return [(version, breach) for version, old in released(folder).items() for breach in breaches(old, today)]


def release(version: str, folder: Path = FOLDER) -> Path:
    """Write today's contract down as a release; return its file. Raises ReleaseRefusedError."""
    asked, earlier = number(version), released(folder)
    latest = max(earlier, key=number, default=None)
    if version in earlier:
        raise ReleaseRefusedError(f"{version} is released, and what is released does not change")
    if version != VERSION:
        raise ReleaseRefusedError(f"the contract calls itself {VERSION} (events/catalogue.py), not {version}")
    if latest is not None and asked < number(latest):
        raise ReleaseRefusedError(f"{version} is before {latest}, which is released")
    if found := broken(folder):
        sentences = "\n".join(f"  {then}: {breach}" for then, breach in found)
        raise ReleaseRefusedError(f"promises of releases are broken:\n{sentences}")
    file = folder / RELEASES / f"{version}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text_of(contract()), encoding="utf-8")
    return file


def text_of(fixed: Contract) -> str:
    """Return a contract as JSON, one type a line: small, and a difference shows its types."""
    lines = (f"{json.dumps(name)}:{_compact(row)}" for name, row in fixed.items())
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
