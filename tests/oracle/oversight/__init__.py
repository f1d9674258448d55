"""The rules beyond the spine, by a full scan: one file a subject, from the table of the simulator's rules.

The table (``services/simulator/rules.py``) says in words what each rule means; this folder reads the words a
second time. Nothing here reads the simulator or the product.
"""

from collections.abc import Callable, Iterable, Mapping

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

Rules = Mapping[str, Callable[[Log], Iterable[Found]]]


def _of_one(rules: Rules, *, households: bool = True) -> Rules:
    """Rules to which whoever has several numbers is one: a person, and a household too, unless said."""

    def of(rule: Callable[[Log], Iterable[Found]]) -> Callable[[Log], Iterable[Found]]:
        return lambda log: rule(log.renumbered(households=households))

    return {name: of(rule) for name, rule in rules.items()}


RULES: Rules = {
    **_of_one(custody.RULES),
    **funds.RULES,
    **_of_one(kinship.RULES),
    **_of_one(relief.RULES),
    **_of_one(applications.RULES),
    **reviews.RULES,
    **_of_one({"income-match-unreviewed": reviews.RULES["income-match-unreviewed"]}),
    **_of_one({"exit-without-follow-up": reviews.RULES["exit-without-follow-up"]}, households=False),
    **_of_one(screening.RULES),
    **petitions.RULES,
    **_of_one({name: petitions.RULES[name] for name in ("repeat-petition", "petition-overdue")}),
    **recoveries.RULES,
    **campaign.RULES,
    **hotline.RULES,
    **_of_one(clues.RULES),
    **frequent.RULES,
}

__all__ = ["RULES", "Found", "Log"]
