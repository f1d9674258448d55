"""What looks like a secret in any version of any file that git has: python -m tests.house.history.

Of every version only the lines that no other had are looked through, the newest versions first, so that what
was looked through when the time is over is what people see most.
"""

import argparse
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from tests.house.members import texts_of
from tests.house.secrets import Looks, secrets_in
from tests.house.tree import ROOT

NOT_SECRET = Path(__file__).with_name("not_secret.toml")
NOT_SECRET_ONCE = Path(__file__).with_name("not_secret_once.toml")
"""What looked like one, was none, and stands in no file any more."""
LOCKS = {"requirements.lock", "package-lock.json"}
"""All digests; that they have no addresses, which may have passwords, is a test."""


@dataclass(frozen=True, slots=True)
class Found:
    """Where something that looks like a secret stood: the first commit that had it, and the file's path."""

    commit: str
    path: str
    looks: Looks


@dataclass(frozen=True, slots=True)
class Scanned:
    """How far it came: how many versions of files there are and were looked through, and what was found."""

    versions: int
    looked: int
    found: list[Found]


def said_to_be_none(*files: Path) -> dict[Looks, str]:
    """Return what is said to be no secret, with why."""
    said = [tomllib.loads(file.read_text(encoding="utf-8")) for file in files]
    return {
        Looks(kind, digest): why for one in said for kind, each in one.items() for digest, why in each.items()
    }


def scan(repository: Path, seconds: float) -> Scanned:
    """Look through every version that any branch or tag leads to, for so long at most."""
    late = monotonic() + seconds
    versions = _versions(repository)
    met: dict[Looks, tuple[str, str]] = {}
    seen: set[int] = set()
    looked = 0
    for blob, path, content in _contents(repository, versions):
        if monotonic() > late:
            break
        looked += 1
        for text in texts_of(path, content):
            fresh = [line for line in text.splitlines() if hash(line) not in seen]
            seen.update(map(hash, fresh))
            for looks in secrets_in("\n".join(fresh)) if fresh else ():
                met.setdefault(looks, (blob, path))
    found = [Found(_first_commit(repository, blob), path, looks) for looks, (blob, path) in met.items()]
    return Scanned(len(versions), looked, found)


def _git(repository: Path, *words: str, given: str | None = None) -> bytes:
    command = ["git", "-C", str(repository), *words]
    data = None if given is None else given.encode()
    return subprocess.run(command, input=data, capture_output=True, check=True).stdout


def _versions(repository: Path) -> dict[str, str]:
    """Versions of files by their ids, the newest first, each with a path that it has."""
    listed = _git(repository, "rev-list", "--objects", "--all").decode("utf-8", "replace").splitlines()
    named = dict(line.split(" ", 1) for line in listed if " " in line)
    kinds = _git(
        repository, "cat-file", "--batch-check=%(objectname) %(objecttype)", given="\n".join(named) + "\n"
    )
    blobs = {line.split()[0] for line in kinds.decode().splitlines() if line.endswith(" blob")}
    return {
        blob: path for blob, path in named.items() if blob in blobs and path.rpartition("/")[2] not in LOCKS
    }


def _contents(repository: Path, versions: dict[str, str]) -> Iterator[tuple[str, str, bytes]]:
    """The contents of versions, one after the other."""
    command = ["git", "-C", str(repository), "cat-file", "--batch"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as reading:
        assert reading.stdin is not None and reading.stdout is not None
        try:
            for blob, path in versions.items():
                reading.stdin.write(f"{blob}\n".encode())
                reading.stdin.flush()
                size = int(reading.stdout.readline().split()[2])
                content = reading.stdout.read(size)
                reading.stdout.read(1)
                yield blob, path, content
        finally:
            reading.stdin.close()
            reading.stdout.close()


def _first_commit(repository: Path, blob: str) -> str:
    commits = _git(repository, "log", "--all", "--format=%h", f"--find-object={blob}").decode().split()
    return commits[-1] if commits else "-"


def main() -> int:
    """Print what is found that nobody says is none; 1 where there is something, 3 where time was over."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600.0, help="for so long at most")
    asked = parser.parse_args()
    allowed = said_to_be_none(NOT_SECRET, NOT_SECRET_ONCE)
    scanned = scan(ROOT, asked.seconds)
    left = [one for one in scanned.found if one.looks not in allowed]
    for one in left:
        print(f"{one.commit} {one.path}: a {one.looks.kind} ({one.looks.digest})")
    print(f"{scanned.looked:,} of {scanned.versions:,} versions of files were looked through.")
    if left:
        print(
            f"Renew what is one. What is none has to be said, with why: {NOT_SECRET_ONCE.relative_to(ROOT)}"
        )
        return 1
    return 0 if scanned.looked == scanned.versions else 3


if __name__ == "__main__":
    sys.exit(main())
