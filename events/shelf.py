"""Registries that are found in their folder: one noun, one module."""

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules
from typing import Any


def found_in(package: str) -> Iterator[tuple[str, Any]]:
    """Yield every noun of a package with its module, by name."""
    for noun in sorted(module.name for module in iter_modules(import_module(package).__path__)):
        yield noun, import_module(f"{package}.{noun}")
