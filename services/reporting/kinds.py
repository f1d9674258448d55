"""What kinds of facts are called in Chinese, and their fields: given by whoever starts reporting.

The contexts' forms have these words, and a service knows nothing of other services.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from projections.labels import heading


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of fact: what it is called, and the headings of its fields by their path."""

    title: str
    headings: Mapping[str, str] = field(default_factory=dict)

    def heading(self, path: str) -> str:
        """Return what a field is called: as its form says, or as lists and ledgers do."""
        return self.headings.get(path) or heading(path.rpartition(".")[2])


Kinds = Mapping[str, Kind]
"""Type of a fact → what it is called."""


def short_name(type_name: str) -> str:
    """Return a type without what all types have: ``payments.paid``."""
    return type_name.removeprefix("dibao.").removesuffix(".v1")


def kind_of(kinds: Kinds, type_name: str) -> Kind:
    """Return what a type is called; its own name where nobody has said."""
    return kinds.get(type_name) or Kind(short_name(type_name))
