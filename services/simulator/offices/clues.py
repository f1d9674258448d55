"""Clues to misconduct (问题线索): received, looked into, handed over to discipline inspection."""

from datetime import date

from services.simulator.facts import Event
from services.simulator.offices.office import Office
from services.simulator.offices.officials import Official
from services.simulator.people import Person

KINDS = {
    "favouritism": "反映为亲友办理低保",
    "misappropriation": "反映代管期间取款未交本人",
    "extortion": "反映办事收取好处",
    "inaction": "反映申请长期无人办理",
    "bad_attitude": "反映窗口态度生硬",
    "poor_explanation": "反映政策没有讲清",
}
"""What a clue says, by its kind."""
OTHERS = "反映他人隐瞒收入领取低保"
"""What a clue says of somebody who is no cadre."""
DISCIPLINE = "街道纪工委"


class Clues(Office):
    """The street keeps both tracks: its own clues, and what discipline inspection makes of them."""

    context = "clues"
    source = "/street/{street}/clues"
    serial = "XS"
    void_fields = ("clue_no", "household_no", "petition_no", "person", "informant")

    def receive(
        self,
        day: date,
        kind: str,
        *,
        informant: Person | None = None,
        about: Official | None = None,
        about_other: Person | None = None,
        track: str = "civil_affairs",
    ) -> Event:
        """A clue comes in; about a cadre, somebody else, or nobody in particular."""
        concerned = []
        if about is not None:
            post = about.body + about.post
            said = {"person": about.person.identity, "cadre": True, "official_no": about.no, "post": post}
            concerned.append(said)
        if about_other is not None:
            concerned.append({"person": about_other.identity, "cadre": False})
        data = {
            "clue_no": f"XS{self.register.serials.take('clue_no')}",
            "track": track,
            "origin": "reported",
            "kind": kind,
            "received_on": day,
            "named": informant is not None,
            "informant": informant.identity if informant else None,
            "concerned": concerned,
            "content": KINDS.get(kind, OTHERS),
        }
        return self.tell("received", day, data)

    def verify(
        self,
        clue_no: str,
        day: date,
        result: str,
        informant_answered_on: date | None = None,
        by: str = "社保所",
    ) -> None:
        """It is looked into; told once the informant has been answered, where that is known."""
        if informant_answered_on is not None and informant_answered_on > self.register.post.last_day:
            informant_answered_on = None
        data = {
            "clue_no": clue_no,
            "verified_on": day,
            "verified_by": by,
            "result": result,
            "informant_answered_on": informant_answered_on,
            "findings": "已入户走访并查阅凭证",
        }
        self.tell("verified", day, data, deliver=informant_answered_on)

    def transfer(self, clue_no: str, day: date, cadre: Official) -> None:
        """Civil affairs hand it over to discipline inspection."""
        data = {
            "clue_no": clue_no,
            "transferred_on": day,
            "to_body": DISCIPLINE,
            "cadres": [cadre.person.identity],
            "reason": "涉及干部",
        }
        self.tell("transferred", day, data)

    def take_over(self, clue_no: str, day: date) -> None:
        """Discipline inspection confirms that it has it."""
        own_no = f"JW{self.register.serials.take('discipline_no')}"
        data = {"clue_no": clue_no, "own_no": own_no, "taken_over_on": day, "body": DISCIPLINE}
        self.tell("taken_over", day, data)

    def open_case(self, clue_no: str, day: date, cadre: Official) -> str:
        """A case is opened against a cadre; returns its number."""
        case_no = f"LA{self.register.serials.take('case_no')}"
        data = {
            "clue_no": clue_no,
            "case_no": case_no,
            "opened_on": day,
            "body": DISCIPLINE,
            "investigated": [cadre.person.identity],
        }
        self.tell("case_opened", day, data)
        return case_no

    def hold_accountable(self, clue_no: str, case_no: str, day: date, cadre: Official, measure: str) -> None:
        """The cadre answers for it."""
        data = {
            "clue_no": clue_no,
            "case_no": case_no,
            "person": cadre.person.identity,
            "post": cadre.body + cadre.post,
            "decided_on": day,
            "authority": DISCIPLINE,
            "measure": measure,
            "intent": measure in ("warning", "demotion"),
            "basis": "中国共产党纪律处分条例",
        }
        self.tell("held_accountable", day, data)

    def exempt(self, clue_no: str, case_no: str, day: date, cadre: Official) -> None:
        """The cadre need not answer for it, and it is said why."""
        data = {
            "clue_no": clue_no,
            "case_no": case_no,
            "person": cadre.person.identity,
            "decided_on": day,
            "authority": DISCIPLINE,
            "grounds": ["objective_cause", "prompt_correction"],
            "basis": "容错纠错实施办法",
            "reason": "因客观原因未能按期办理，已及时纠正",
        }
        self.tell("exempted", day, data)
