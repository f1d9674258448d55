"""The social assistance hotline (社会救助服务热线) of the street: duty, calls, replies, samples."""

from datetime import date, datetime, time, timedelta
from typing import Any

from services.simulator.facts import Event
from services.simulator.offices.office import Office
from services.simulator.offices.officials import Official
from services.simulator.people import Person
from services.simulator.register import Register

LINE = "社会救助服务热线"
SAMPLER = "渝信调查公司"
BEGINS, ENDS = time(8, 30), time(17, 30)
ASKED = {
    "M04": "询问如何申请低保",
    "M05": "询问临时救助如何申请",
    "M06": "询问救助金额如何核定",
}
"""What callers ask, by the code of the matter."""


class Hotline(Office):
    """Takes calls on working days, and answers what was asked."""

    context = "hotline"
    source = "/hotline/{street}"
    serial = "RX"
    void_fields = ("call_no", "duty_no", "caller")

    def __init__(self, register: Register) -> None:
        super().__init__(register)
        self._line = f"{LINE}（{register.division.code}）"  # every street has a line of its own
        self.calls: list[Event] = []
        """Ordinary calls of the quarter, from which the third party draws its sample."""
        self.out_of_order: set[date] = set()
        """Working days on which nobody is on duty after all."""

    def roster(self, official: Official, day: date) -> Event:
        """An official sits at the line for a day."""
        data = {
            "duty_no": f"ZB{self.register.serials.take('duty_no')}",
            "line": self._line,
            "official_no": official.no,
            "begins_at": _at(datetime.combine(day, BEGINS)),
            "ends_at": _at(datetime.combine(day, ENDS)),
        }
        return self._tell("rostered", datetime.combine(day, BEGINS), data)

    def call(
        self,
        at: datetime,
        picked_up_by: Official | None,
        caller: Person | None,
        *,
        matter_code: str | None = None,
        due_on: date | None = None,
    ) -> Event:
        """The telephone rings; ``due_on`` is the last day for the reply."""
        data = {
            "call_no": f"RX{self.register.serials.take('call_no')}",
            "line": self._line,
            "called_at": _at(at),
            "picked_up": picked_up_by is not None,
            "picked_up_by": picked_up_by.no if picked_up_by else None,
            "caller": caller.identity if caller else None,
            "matter_code": matter_code,
            "due_on": due_on and due_on.isoformat(),
            "matter": ASKED[matter_code] if matter_code else None,
        }
        return self._tell("called", at, data)

    def answer(self, called: Event, at: datetime, official: Official, *, called_back: bool) -> None:
        """The caller hears what they wanted to know."""
        data = {
            "call_no": called["data"]["call_no"],
            "answered_at": _at(at),
            "answered_by": official.no,
            "called_back": called_back,
            "resolved": True,
            "answer": "已告知政策和所需材料",
        }
        self._tell("answered", at, data)

    def sample(self, called: Event, day: date, frame: int, seed: int, score: int) -> None:
        """A third party listens to a call again."""
        data = {
            "sample_no": f"CC{self.register.serials.take('sample_no')}",
            "call_no": called["data"]["call_no"],
            "sampler": SAMPLER,
            "frame": frame,
            "seed": seed,
            "sampled_on": day,
            "score": score,
            "attitude": "good" if score >= 85 else "fair" if score >= 60 else "poor",
            "findings": "答复清楚" if score >= 85 else "答复不够耐心",
        }
        self.tell("sampled", day, data)

    def _tell(self, name: str, at: datetime, data: dict[str, Any]) -> Event:
        event = self.state(name, at.date(), data)
        event["time"] = _at(at)
        if at.date() <= self.register.post.last_day:
            self.send(event, at.date())
        return event


def on_duty(day: date, minutes: int) -> datetime:
    """So many minutes after duty began; the telephone is looked after for nine hours."""
    return datetime.combine(day, BEGINS) + timedelta(minutes=minutes)


def _at(at: datetime) -> str:
    return f"{at.isoformat(timespec='seconds')}+08:00"
