"""The code that a process of ours was started from, as one digest: after an upgrade it is another."""

from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

from deploy.local.settings import CHECKOUT


def fingerprint(places: Iterable[str], root: Path = CHECKOUT) -> str:
    """The digest of files, and of all that stands in folders, of this checkout: 128 bits in hex.

    A place that is not there counts as empty.
    """
    digest = sha256()
    for place in sorted(places):
        for file in _files(root / place):
            digest.update(file.relative_to(root).as_posix().encode() + b"\0")
            digest.update(sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:32]


def _files(place: Path) -> list[Path]:
    if place.is_file():
        return [place]
    return sorted(file for file in place.rglob("*") if file.is_file() and "__pycache__" not in file.parts)
