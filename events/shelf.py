"""Registries are what stands in a folder: whoever adds a file adds it to no list."""

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules, walk_packages
from typing import Any


def found_in(package: str) -> Iterator[tuple[str, Any]]:
    """Yield every noun of a package with its module, by name."""
    for noun in sorted(module.name for module in iter_modules(import_module(package).__path__)):
        yield noun, import_module(f"{package}.{noun}")


def declared_in(package: str, name: str) -> Iterator[Any]:
    """Yield what modules of a package, and of packages in it, declare under a name, by the modules' names."""
    paths = import_module(package).__path__
    for place in sorted(module.name for module in walk_packages(paths, package + ".")):
        module = import_module(place)
        if hasattr(module, name):
            yield getattr(module, name)
