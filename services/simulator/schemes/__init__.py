"""Every irregularity and every lawful look-alike that happens in the street, one file a rule."""

from services.simulator.schemes import accounts, amounts, custody, deaths, names, spells
from services.simulator.schemes.scheme import Scheme, Story

SCHEMES: tuple[Scheme, ...] = (
    *deaths.SCHEMES,
    *names.SCHEMES,
    *accounts.SCHEMES,
    *spells.SCHEMES,
    *amounts.SCHEMES,
    *custody.SCHEMES,
)

__all__ = ["SCHEMES", "Scheme", "Story"]
