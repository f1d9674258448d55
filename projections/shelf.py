"""Registries that are found in their folder: one noun, one module, and what belongs to it beside it."""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from types import ModuleType
from typing import Any

_HERE = Path(__file__).parent


def found_in(package: str) -> Iterator[tuple[str, Any]]:
    """Yield every noun of a package with its module, by name."""
    for noun in sorted(module.name for module in iter_modules([str(_folder(package))])):
        module: ModuleType = import_module(f"{package}.{noun}")
        yield noun, module


def sql_of(place: str) -> str:
    """Return the SQL script ``<place>.sql`` of this floor, without its last semicolon."""
    return (_HERE / f"{place}.sql").read_text(encoding="utf-8").rstrip().removesuffix(";")


def _folder(package: str) -> Path:
    return _HERE.joinpath(*package.split(".")[1:])
