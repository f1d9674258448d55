"""Registries are what stands in a folder: whoever adds a file adds it to no list."""

from collections.abc import Iterator
from importlib import import_module
from pkgutil import walk_packages
from typing import Any


def modules_in(package: str) -> Iterator[Any]:
    """Yield the modules of a package and of the packages in it, in order of their names."""
    paths = import_module(package).__path__
    for name in sorted(module.name for module in walk_packages(paths, package + ".")):
        yield import_module(name)


def found_in(package: str, name: str) -> list[Any]:
    """Return what the modules of a package declare under a name, in order of the modules' names."""
    return [one for module in modules_in(package) for one in getattr(module, name, ())]
