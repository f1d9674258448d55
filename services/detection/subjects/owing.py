"""A division that a campaign gave tasks to, with the ledgers that it handed in."""

from propcache.api import cached_property

from services.detection.facts.campaign import CampaignOpened, TaskAssigned
from services.detection.policy import Scope
from services.detection.subjects.subject import Dossier, Neighbour, Seen, Subject


class Owing(Dossier):
    """A division of a campaign, as of the latest closed day."""

    def __init__(self, seen: Seen) -> None:
        super().__init__(seen)
        self.campaign_no, _, self.division = seen.number.rpartition("/")
        self.scope = Scope(self.division)

    @cached_property
    def opened(self) -> CampaignOpened | None:
        """The campaign, as it was last stated; None where nobody opened it."""
        stated = self.around("campaign:" + self.campaign_no, CampaignOpened)
        return stated[-1] if stated else None

    @cached_property
    def begun(self) -> TaskAssigned | None:
        """The division's own first task."""
        return self.first(TaskAssigned)


SUBJECT = Subject(
    kind="owing",
    view=Owing,
    neighbours=(
        Neighbour(
            kind="campaign",
            facts=frozenset({CampaignOpened}),
            of={TaskAssigned: lambda fact: (fact.campaign_no,)},
        ),
    ),
)
