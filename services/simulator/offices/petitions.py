"""The petitions office (信访)."""

from collections import defaultdict, deque
from dataclasses import dataclass
from datetime import date
from uuid import NAMESPACE_URL, UUID, uuid5

from services.simulator.facts import Event
from services.simulator.offices.office import Form, Office, Sheet
from services.simulator.offices.officials import Official
from services.simulator.register import Register

KINDS = {"complaint": "投诉举报", "request": "求助申请"}
MATTERS = {
    "M01": ("complaint", "反映{name}家不符合条件仍领低保"),
    "M02": ("complaint", "反映低保金没有按时到账，户主{name}"),
    "M03": ("complaint", "反映村干部代管{name}的存折"),
    "M04": ("request", "{name}因病申请纳入低保"),
    "M05": ("request", "{name}申请临时救助"),
    "M06": ("request", "{name}要求重新核定金额"),
}
"""Kind and wording of a matter, by its code."""
CHANNELS = ("来访", "来信", "12345热线", "网上信访")
_REMEMBERED = 400


@dataclass(frozen=True, slots=True)
class Petition:
    """A petition in the office's book: who, about whom, about what."""

    number: str
    filed_on: date
    division: str
    matter_code: str
    household_no: str | None
    petitioner: dict[str, str] | None
    event_id: UUID

    @property
    def order(self) -> tuple[date, UUID]:
        """Which of two petitions came first; of one day's, the receiver's ids decide (contract: event_id)."""
        return self.filed_on, self.event_id

    def about(self) -> dict[str, tuple[str, str]]:
        """What it has in common with one that it repeats, by what that is called: on the same matter."""
        found = {}
        if self.petitioner is not None:
            found["same_person"] = (self.petitioner["id_number"], self.matter_code)
        if self.household_no is not None:
            found["same_household"] = (self.household_no, self.matter_code)
        return found


class Petitions(Office):
    """Takes petitions in, deals with them and closes them."""

    context = "petitions"
    source = "/petitions/{street}"
    serial = "XF"
    void_fields = ("petition_no", "petitioner", "household_no")
    sheets = (
        Sheet(
            "dibao.petitions.filed.v1",
            kind="petitions-filed",
            dated_by="filed_on",
            columns=(
                ("流水号", "id"), ("信访编号", "petition_no"), ("信访人", "petitioner.name"),
                ("身份证号", "petitioner.id_number"), ("户号", "household_no"), ("区划代码", "division"),
                ("信访日期", "filed_on"), ("渠道", "channel"), ("信访类别", "kind"),
                ("事项代码", "matter_code"), ("事项", "matter"), ("作废", ""),
            ),
            words={"kind": KINDS},
            forms={"/petitions/": Form("petitions-filed", ".xlsx")},
        ),
        Sheet(
            "dibao.petitions.closed.v1",
            kind="petitions-closed",
            dated_by="closed_on",
            columns=(
                ("流水号", "id"), ("信访编号", "petition_no"), ("办结日期", "closed_on"),
                ("办理结果", "outcome"), ("证明材料", "evidence"), ("办结人编号", "closed_by"),
                ("复核人编号", "confirmed_by"), ("作废", ""),
            ),
            words={
                "outcome": {"settled": "处置到位", "not_settled": "未处置到位", "withdrawn": "撤回"}
            },
            forms={"/petitions/": Form("petitions-closed", ".csv")},
        ),
    )  # fmt: skip

    def __init__(self, register: Register) -> None:
        super().__init__(register)
        self.recent: deque[Petition] = deque(maxlen=_REMEMBERED)
        """The latest petitions, bounded: repeats come from among them."""
        self.book: dict[str, Petition] = {}
        """Every petition that stands, by number."""
        self._alike: defaultdict[tuple[str, str], list[Petition]] = defaultdict(list)
        self._signed: set[tuple[str, date]] = set()

    def file(
        self,
        day: date,
        *,
        petitioner: dict[str, str] | None,
        household_no: str | None,
        division: str,
        channel: str,
        matter_code: str,
    ) -> Event:
        """A petition is written down."""
        kind, matter = MATTERS[matter_code]
        number = f"XF{self.register.serials.take('petition_no')}"
        data = {
            "petition_no": number,
            "petitioner": petitioner,
            "household_no": household_no,
            "division": division,
            "filed_on": day,
            "channel": channel,
            "kind": kind,
            "matter_code": matter_code,
            "matter": matter.format(name=(petitioner or {"name": "某某"})["name"]),
        }
        filed = self.tell("filed", day, data)
        event_id = uuid5(NAMESPACE_URL, f"{filed['source']}\n{filed['id']}")
        petition = Petition(number, day, division, matter_code, household_no, petitioner, event_id)
        self.recent.append(petition)
        self.book[number] = petition
        for common in petition.about().values():
            self._alike[common].append(petition)
        return filed

    def accept(self, number: str, day: date, due_on: date, handled_by: str = "社保所") -> None:
        """The petition is taken on, to be answered by a day."""
        data = {"petition_no": number, "accepted_on": day, "handled_by": handled_by, "due_on": due_on}
        self.tell("accepted", day, data)

    def transfer(self, number: str, day: date, to_body: str, reason: str, *, supervised: bool) -> None:
        """It goes on to another office of the street."""
        data = {
            "petition_no": number,
            "transferred_on": day,
            "from_body": "社保所",
            "to_body": to_body,
            "supervised": supervised,
            "reason": reason,
        }
        self.tell("transferred", day, data)

    def answer(self, number: str, day: date, *, stage: str = "first", by: str = "社保所") -> None:
        """The petitioner hears what came of it."""
        data = {
            "petition_no": number,
            "answered_on": day,
            "answered_by": by,
            "stage": stage,
            "answer": f"已调查核实，出具答复意见书{number[2:]}",
        }
        self.tell("answered", day, data)

    def ask_for_review(self, number: str, day: date, stage: str) -> None:
        """The petitioner goes to the next higher office."""
        data = {"petition_no": number, "asked_on": day, "stage": stage, "reason": "对答复意见不服"}
        self.tell("review_asked", day, data)

    def link(self, number: str, earlier: str, day: date, ground: str, linked_by: str) -> None:
        """Somebody writes down that two petitions are about the same."""
        data = {
            "petition_no": number,
            "earlier_petition_no": earlier,
            "linked_on": day,
            "ground": ground,
            "linked_by": linked_by,
        }
        self.tell("linked", day, data)

    def close(
        self,
        number: str,
        closed_on: date,
        outcome: str,
        closed_by: str,
        confirmed_by: str | None,
        *,
        evidence: bool = True,
    ) -> Event:
        """A petition is answered for good; what is settled has its papers."""
        data = {
            "petition_no": number,
            "closed_on": closed_on,
            "outcome": outcome,
            "evidence": f"答复意见书{number[2:]}" if evidence and outcome == "settled" else None,
            "closed_by": closed_by,
            "confirmed_by": confirmed_by,
        }
        return self.tell("closed", closed_on, data)

    def void(self, original: Event, day: date, reason: str, deliver: date | None = None) -> None:
        """The same as of any fact; a petition that never counted is in the book no more."""
        super().void(original, day, reason, deliver)
        if original["type"] == "dibao.petitions.filed.v1":
            petition = self.book.pop(original["data"]["petition_no"])
            for common in petition.about().values():
                self._alike[common].remove(petition)

    def repeats(self, petition: Petition) -> str | None:
        """What makes it one that repeats an earlier one, or None."""
        for name, common in petition.about().items():
            if any(other.order < petition.order for other in self._alike[common]):
                return name
        return None

    def free_to_sign(self, official: Official, day: date) -> bool:
        """Whether an official has signed no closure of a day; who signs again might close many by chance."""
        return (official.no, day) not in self._signed

    def sign(self, day: date, *officials: Official) -> None:
        """They sign closures of that day."""
        self._signed |= {(official.no, day) for official in officials}
