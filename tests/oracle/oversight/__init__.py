"""The rules beyond the spine, by a full scan: one file a subject, from the table of the simulator's rules.

The table (``services/simulator/rules.py``) says in words what each rule means; this folder reads the words a
second time. Nothing here reads the simulator or the product.
"""

from collections.abc import Callable, Iterable

from tests.oracle.oversight import (
    applications,
    campaign,
    clues,
    custody,
    frequent,
    funds,
    hotline,
    kinship,
    petitions,
    recoveries,
    relief,
    reviews,
    screening,
)
from tests.oracle.oversight.log import Found, Log

RULES: dict[str, Callable[[Log], Iterable[Found]]] = {
    **custody.RULES,
    **funds.RULES,
    **kinship.RULES,
    **relief.RULES,
    **applications.RULES,
    **reviews.RULES,
    **screening.RULES,
    **petitions.RULES,
    **recoveries.RULES,
    **campaign.RULES,
    **hotline.RULES,
    **clues.RULES,
    **frequent.RULES,
}

__all__ = ["RULES", "Found", "Log"]
