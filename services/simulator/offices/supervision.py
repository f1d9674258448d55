"""Supervision (督导) in the campaign: visits, talks, meetings, and what is made known."""

from collections.abc import Sequence
from datetime import date

from services.simulator.facts import Event
from services.simulator.offices.campaign import number_of
from services.simulator.offices.office import Office
from services.simulator.offices.officials import Official
from services.simulator.register import Register


class Supervision(Office):
    """Goes and sees, calls in, meets, and circulates (R42, R44, R60, R62, R67, R69)."""

    context = "campaign"
    source = "/street/{street}/supervision"
    serial = "DD"
    void_fields = ("campaign_no", "visit_no", "talk_no", "meeting_no", "circular_no", "official_no", "person")

    def __init__(self, register: Register) -> None:
        super().__init__(register)
        self._campaign_no = number_of(register.division)

    def visit(
        self, kind: str, day: date, visitors: Sequence[Official], findings: str, due_on: date | None = None
    ) -> Event:
        """Somebody from above comes to see; ``due_on`` is the last day for what is asked for (督办单)."""
        data = {
            "visit_no": f"DC{self.register.serials.take('visit_no', 4)}",
            "campaign_no": self._campaign_no,
            "kind": kind,
            "visited_on": day,
            "visitors": [official.no for official in visitors],
            "due_on": due_on,
            "findings": findings,
        }
        return self.tell("visited", day, data)

    def talk(
        self, official: Official, day: date, talkers: Sequence[Official], reason: str, due_on: date
    ) -> None:
        """Somebody responsible is called in."""
        data = {
            "talk_no": f"YT{self.register.serials.take('talk_no', 4)}",
            "campaign_no": self._campaign_no,
            "person": official.person.identity,
            "official_no": official.no,
            "talked_on": day,
            "talkers": [talker.no for talker in talkers],
            "due_on": due_on,
            "reason": reason,
        }
        self.tell("talked_to", day, data)

    def meet(self, kind: str, day: date, bodies: Sequence[str], petitions: list[str], minutes: str) -> None:
        """Offices meet."""
        data = {
            "meeting_no": f"HY{self.register.serials.take('meeting_no', 4)}",
            "campaign_no": self._campaign_no,
            "kind": kind,
            "met_on": day,
            "bodies": list(bodies),
            "petition_nos": petitions,
            "minutes": minutes,
        }
        self.tell("met", day, data)

    def circulate(
        self,
        kind: str,
        day: date,
        medium: str,
        content: str,
        divisions: list[str],
        *,
        redacted: bool = True,
        consented: bool | None = None,
        document: str | None = None,
    ) -> None:
        """Something is made known."""
        data = {
            "circular_no": f"TB{self.register.serials.take('circular_no', 4)}",
            "campaign_no": self._campaign_no,
            "kind": kind,
            "circulated_on": day,
            "medium": medium,
            "document": document,
            "divisions": divisions,
            "redacted": redacted,
            "consented": consented,
            "content": content,
        }
        self.tell("circulated", day, data)
