"""The civil affairs office before the decision: who asks, and every stage until yes or no."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from services.simulator.household import Household
from services.simulator.offices.office import Office
from services.simulator.offices.officials import Official
from services.simulator.people import Person

Granted = Callable[[Household], None]


@dataclass(frozen=True, slots=True)
class Newcomers:
    """A household that asks for the allowance, and has its number from then on."""

    household: Household
    programme: str
    members: list[Person]


@dataclass(slots=True, eq=False)
class Application:
    """An application under way. ``granted`` is told when the household is enrolled."""

    no: str
    newcomers: Newcomers
    applied_on: date
    decided_on: date | None = None
    granted: Granted | None = None

    def stage(self, stage: str) -> dict[str, str]:
        """How rules name a stage of it."""
        return {"application_no": self.no, "stage": stage}


class Applications(Office):
    """Takes applications in, investigates, publicises and refuses; the decision to grant is an enrolment."""

    context = "enrollment"
    source = "/civil-affairs/{street}/applications"
    serial = "SQ"
    void_fields = ("household_no", "programme", "application_no", "applicant")

    def receive(
        self,
        newcomers: Newcomers,
        day: date,
        *,
        channel: str = "window",
        kin: bool = False,
        delegated: bool = False,
        stated: bool = True,
    ) -> Application:
        """A household asks; ``stated``: whether the application was written down at all."""
        number = f"SQ{self.register.serials.take('application_no')}"
        application = Application(number, newcomers, day)
        data = {
            **_about(application),
            "division": newcomers.household.division,
            "applicant": newcomers.members[0].identity,
            "person_count": len(newcomers.members),
            "applied_on": day,
            "channel": channel,
            "kin_of_official": kin,
            "delegated": True if delegated else None,
            "reason": "家庭收入低于保障标准",
        }
        if stated:
            self.tell("applied", day, data)
        return application

    def investigate(
        self,
        application: Application,
        kind: str,
        day: date,
        investigators: list[Official],
        *,
        result: str = "eligible",
        income: int | None = None,
        deliver: date | None = None,
    ) -> None:
        """A step of the investigation is done."""
        data = {
            **_about(application),
            "kind": kind,
            "investigated_on": day,
            "investigators": [official.no for official in investigators],
            "result": result,
            "per_capita_income_fen": income,
        }
        self.tell("investigated", day, data, deliver=deliver)

    def publicise(
        self, application: Application, posted_on: date, removed_on: date, *, deliver: date | None = None
    ) -> None:
        """The application stands on the notice board."""
        over = removed_on <= self.register.post.last_day
        data = {
            **_about(application),
            "stage": "review",
            "posted_on": posted_on,
            "removed_on": removed_on if over else None,
            "place": "村(社区)公示栏",
        }
        sent = removed_on + timedelta(days=1) if over else None
        self.tell("publicised", posted_on, data, deliver=deliver or sent)

    def refuse(self, application: Application, day: date, ground: str, notified_on: date | None) -> None:
        """The application is refused; the written notice is to follow."""
        if notified_on is not None and notified_on > self.register.post.last_day:
            notified_on = None
        data = {
            **_about(application),
            "refused_on": day,
            "ground": ground,
            "notified_on": notified_on,
            "reason": "经核查不符合条件",
        }
        self.tell("refused", day, data, deliver=notified_on and notified_on + timedelta(days=1))


def _about(application: Application) -> dict[str, str]:
    newcomers = application.newcomers
    return {
        "application_no": application.no,
        "household_no": newcomers.household.no,
        "programme": newcomers.programme,
    }
