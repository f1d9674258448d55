"""Files that are there whole or not at all, whatever moment the machine dies at."""

import os
from collections.abc import Mapping
from pathlib import Path


def write_all(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files below a folder, each under another name first; return when the disk has all of it."""
    parents: set[Path] = set()
    draft = folder / ".draft"  # one name for all, so that no more than one is ever left lying
    for name, content in files.items():
        path = folder / name
        if not path.parent.is_dir():
            path.parent.mkdir(parents=True, exist_ok=True)
            parents.update(each for each in path.parents if each.is_relative_to(folder))
        parents.add(path.parent)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o640)
        with os.fdopen(descriptor, "wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        draft.rename(path)
    for parent in parents:
        sync_folder(parent)


def sync_folder(folder: Path) -> None:
    """Return when the disk has the names in a folder."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
