"""The published contract as files: what they are, and whether a folder has them as they should be."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from deploy.contract import asyncapi, openapi
from deploy.contract.pages import pages, schema_path
from deploy.local.settings import CHECKOUT
from events.catalogue import TYPES, UPSTREAM_CONTEXTS
from events.schema import FORMS, json_schema

FOLDER = CHECKOUT / "docs" / "contract"
RULES = CHECKOUT / "docs" / "rules"

RELEASES = "releases"
"""The one folder in it that is not written by the export: what stands there was released."""


@cache
def files() -> dict[str, str]:
    """Return the text of every file by its path below the folder of the contract."""
    return {
        **pages(),
        **{schema_path(entry, form): _json(json_schema(entry, form)) for entry in TYPES for form in FORMS},
        "asyncapi.json": _json(asyncapi.document()),
        **{f"openapi/{context}.json": _json(openapi.document(context)) for context in UPSTREAM_CONTEXTS},
    }


def differing(folder: Path, wanted: Mapping[str, str] | None = None) -> list[str]:
    """Return which files of a folder are missing, changed, or not wanted (by default: the contract's)."""
    wanted = files() if wanted is None else wanted
    found = _present(folder)
    changed = {
        path for path in found & wanted.keys() if (folder / path).read_text(encoding="utf-8") != wanted[path]
    }
    return sorted((wanted.keys() - found) | changed | (found - wanted.keys()))


def write(folder: Path, wanted: Mapping[str, str] | None = None) -> list[str]:
    """Make a folder what it should be, releases left alone; return which files were written or deleted."""
    wanted = files() if wanted is None else wanted
    paths = differing(folder, wanted)
    for path in paths:
        file = folder / path
        if (text := wanted.get(path)) is None:
            file.unlink()
        else:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
    return paths


def _present(folder: Path) -> set[str]:
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and path.relative_to(folder).parts[0] != RELEASES
    }


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"
