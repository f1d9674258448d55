"""Every irregularity and every lawful look-alike that happens in the street, one file a rule."""

from services.simulator.schemes import (
    accounts,
    amounts,
    applications,
    campaign,
    cards,
    clues,
    custody,
    deaths,
    exits,
    funds,
    hotline,
    kinship,
    names,
    petitions,
    problems,
    registers,
    relief,
    reviews,
    screening,
    spells,
    tekun,
)
from services.simulator.schemes.scheme import Act, Deed, Scheme, Story

SCHEMES: tuple[Scheme, ...] = (
    *deaths.SCHEMES,
    *names.SCHEMES,
    *accounts.SCHEMES,
    *spells.SCHEMES,
    *amounts.SCHEMES,
    *custody.SCHEMES,
    *cards.SCHEMES,
    *kinship.SCHEMES,
    *reviews.SCHEMES,
    *exits.SCHEMES,
    *registers.SCHEMES,
)

DEEDS: tuple[Deed, ...] = (
    *cards.DEEDS,
    *kinship.DEEDS,
    *relief.DEEDS,
    *reviews.DEEDS,
    *applications.DEEDS,
    *screening.DEEDS,
    *tekun.DEEDS,
    *petitions.DEEDS,
    *funds.DEEDS,
    *campaign.DEEDS,
    *problems.DEEDS,
    *hotline.DEEDS,
    *clues.DEEDS,
)

__all__ = ["DEEDS", "SCHEMES", "Act", "Deed", "Scheme", "Story"]
