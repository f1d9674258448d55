"""Under which licences the components stand, and whether these are allowed (``licences.toml``)."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from license_expression import ExpressionError, get_spdx_licensing

from deploy.supply.components import Component

POLICY = Path(__file__).with_name("licences.toml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """``allowed``: SPDX identifiers, each with why; ``called``: what identifier another name stands for;
    ``read``: the licence of a component (``pypi name``) that names none."""

    allowed: Mapping[str, str]
    called: Mapping[str, str]
    read: Mapping[str, str]


@cache
def policy() -> Policy:
    """Return what ``licences.toml`` says."""
    return Policy(**tomllib.loads(POLICY.read_text(encoding="utf-8")))


@cache
def _spdx() -> Any:
    return get_spdx_licensing()


def licence_of(component: Component, by: Policy) -> str | None:
    """Return a component's licence as an SPDX expression; ``None`` where it names none that is known."""
    said = (by.read.get(f"{component.kind} {component.name}"),)
    found = said if said[0] is not None else tuple(by.called.get(each, each) for each in component.licences)
    try:
        terms = [_spdx().parse(each, validate=True) for each in found if each is not None]
    except ExpressionError:
        return None
    if not terms:
        return None
    return str(terms[0] if len(terms) == 1 else _spdx().AND(*terms).simplify())


def refused(components: Iterable[Component], by: Policy) -> list[str]:
    """Return a sentence about each component whose licence is unknown or is not allowed."""
    sentences = []
    for component in components:
        licence = licence_of(component, by)
        if licence is None:
            said = "、".join(component.licences) or "none"
            sentences.append(f"{component}: its licence is not known (it names {said})")
        elif not _allowed(_spdx().parse(licence), by.allowed):
            sentences.append(f"{component}: {licence} is not allowed")
    return sentences


def _allowed(term: Any, allowed: Mapping[str, str]) -> bool:
    if isinstance(term, _spdx().OR):
        return any(_allowed(each, allowed) for each in term.args)
    if isinstance(term, _spdx().AND):
        return all(_allowed(each, allowed) for each in term.args)
    return str(term) in allowed
