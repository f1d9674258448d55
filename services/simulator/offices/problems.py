"""Problems (问题): found in whichever of the five stages of the money, put right, and looked at again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from services.simulator.facts import Event
from services.simulator.offices.campaign import campaign_on
from services.simulator.offices.office import Office
from services.simulator.offices.officials import Official
from services.simulator.register import Register


@dataclass(frozen=True, slots=True)
class Matter:
    """What a problem is about, in which village; what repeats it is about the same."""

    stage: str
    task_class: str
    description: str
    measure: str
    evidence: str
    division: str
    household_no: str | None = None
    official_no: str | None = None
    amount: int | None = None


class Problems(Office):
    """Keeps the ledger of problems (整改台账), of the campaign and of the years before it."""

    context = "campaign"
    source = "/street/{street}/problems"
    serial = "WT"
    void_fields = ("problem_no", "anomaly_id", "household_no", "official_no")

    def __init__(self, register: Register) -> None:
        super().__init__(register)
        self._found: list[tuple[str, date]] = []
        """In which village, and when."""

    def find(
        self,
        matter: Matter,
        day: date,
        found_by: str,
        due_on: date,
        *,
        earlier: str | None = None,
        anomaly: str | None = None,
    ) -> Event:
        """A problem is found; ``earlier`` is the one that it repeats, ``anomaly`` what was looked into."""
        data = {
            "problem_no": f"WT{self.register.serials.take('problem_no')}",
            "campaign_no": campaign_on(self.register.division, day),
            "stage": matter.stage,
            "task_class": matter.task_class,
            "found_on": day,
            "found_by": found_by,
            "household_no": matter.household_no,
            "official_no": matter.official_no,
            "amount_fen": matter.amount,
            "due_on": due_on,
            "earlier_problem_no": earlier,
            "anomaly_id": anomaly,
            "description": matter.description,
        }
        self._found.append((matter.division, day))
        return self.tell("problem_found", day, data)

    def check(self, anomaly: str, day: date, checkers: Sequence[Official], outcome: str) -> Event:
        """Somebody has looked into an anomaly, and says whether it is so."""
        findings = {"confirmed": "经核查属实", "refuted": "经核查有正当理由，手续齐全"}
        data = {
            "anomaly_id": anomaly,
            "checked_on": day,
            "outcome": outcome,
            "checkers": [official.no for official in checkers],
            "findings": findings[outcome],
        }
        return self.tell("anomaly_checked", day, data)

    def rectify(
        self,
        problem_no: str,
        matter: Matter,
        day: date,
        by: Official,
        confirmed_by: Official,
        *,
        evidence: bool = True,
    ) -> Event:
        """A problem is said to be put right."""
        data = {
            "problem_no": problem_no,
            "rectified_on": day,
            "measure": matter.measure,
            "amount_fen": matter.amount,
            "evidence": matter.evidence if evidence else None,
            "rectified_by": by.no,
            "confirmed_by": confirmed_by.no,
        }
        return self.tell("problem_rectified", day, data)

    def recheck(
        self, problem_no: str, day: date, recheckers: Sequence[Official], result: str, *, drawn: bool
    ) -> Event:
        """Somebody looks again whether it stayed put right; ``drawn`` by lot."""
        findings = {
            "holds": "整改到位",
            "not_rectified": "台账已销号，实际未整改",
            "rebounded": "同类问题再次发生",
        }
        data = {
            "problem_no": problem_no,
            "rechecked_on": day,
            "recheckers": [official.no for official in recheckers],
            "drawn": drawn,
            "result": result,
            "findings": findings[result],
        }
        return self.tell("problem_rechecked", day, data)

    def count(self, division: str, first: date, last: date) -> int:
        """How many were found in a village from one day to another, both included."""
        return sum(1 for where, day in self._found if where == division and first <= day <= last)
