"""The street's office of the campaign (专项行动): plan, tasks, ledgers handed in, projects and lessons."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta

from services.simulator.division import Division, Village
from services.simulator.facts import Event
from services.simulator.offices.office import Office
from services.simulator.offices.officials import Official
from services.simulator.parameters import days
from services.simulator.register import Register

OPENED_ON = date(2021, 6, 16)
PHASES = (
    ("谋划部署", date(2021, 5, 1), date(2021, 5, 31)),
    ("排查整改", date(2021, 6, 1), date(2021, 10, 31)),
    ("重点督导", date(2021, 8, 1), date(2021, 10, 31)),
    ("全面总结", date(2021, 11, 1), date(2021, 12, 15)),
)
"""Phases overlap, and the first is over before the plan is issued (R56, R58)."""
BASED_ON = {
    "500102": ["涪民政发〔2021〕57号", "民发〔2021〕41号", "渝民发〔2020〕5号", "渝民〔2021〕4号"],
}
"""依据文件 by county; the others rest on those of the ministry and the city."""


def number_of(division: Division) -> str:
    """The number under which a street opens the campaign."""
    return f"{division.prefix}ZX2021"


def campaign_on(division: Division, day: date) -> str | None:
    """The street's campaign, where it had been opened by a day."""
    return number_of(division) if day >= OPENED_ON else None


@dataclass(frozen=True, slots=True)
class Progress:
    """What a village says of a task on a day; taken back on ``undone_on``."""

    day: date
    percent: int
    done: bool = False
    undone_on: date | None = None


@dataclass(slots=True, eq=False)
class Task:
    """Something that a village has to do. ``early``: its last day was over before it was assigned (R56)."""

    no: str
    village: Village
    task_class: str
    assigned_on: date
    due_on: date
    early: bool
    counted: bool
    """Whether its reports say how many households were gone over (R10)."""
    reports: list[Progress] = field(default_factory=list)

    @property
    def limit(self) -> date:
        """The last day on which it is in time."""
        least = self.assigned_on + timedelta(days=days("campaign.task_days", self.assigned_on))
        return max(self.due_on, least)

    def percent(self, day: date) -> int:
        """How far it was before a day, by its village's word."""
        return max((r.percent for r in self.reports if r.day < day and r.undone_on is None), default=0)


@dataclass(frozen=True, slots=True)
class Submission:
    """A ledger that a village will hand in on a day; taken back on ``undone_on``."""

    day: date
    village: Village
    ledger: str
    quarter: str
    rows: int
    undone_on: date | None = None


@dataclass(frozen=True, slots=True)
class Owed:
    """A ledger that a village has to hand in of a quarter that is over, with as many rows as it has."""

    village: Village
    ledger: str
    quarter: str
    end: date
    rows: int

    @property
    def due_on(self) -> date:
        """The last day on which it is in time."""
        return self.end + timedelta(days=days("campaign.ledger_days", self.end))

    def handed_in(self, day: date, undone_on: date | None = None) -> Submission:
        """The village does it on a day."""
        return Submission(day, self.village, self.ledger, self.quarter, self.rows, undone_on)


class Campaign(Office):
    """Opens the campaign, assigns tasks, and takes in what villages report and hand in."""

    context = "campaign"
    source = "/street/{street}/campaign"
    serial = "ZX"
    void_fields = ("campaign_no", "task_no", "submission_no", "project_no", "training_no")

    def __init__(self, register: Register) -> None:
        super().__init__(register)
        self.no = number_of(register.division)
        self.tasks: list[Task] = []
        self.task_stories: list[Callable[[Task], bool]] = []
        """What stories want of the tasks of the plan: each takes one, and says whether it does."""
        self.ledger_stories: list[Callable[[Owed], bool]] = []
        """The same of ledgers."""
        self.submissions: list[Submission] = []
        """Those that are still to come, of quarters that are over."""
        self.projects: dict[str, date] = {}
        """When each is to be done."""

    def key(self, village: Village, ledger: str, quarter: str) -> dict[str, str]:
        """How the rule names a ledger that is owed."""
        return {"campaign_no": self.no, "division": village.code, "ledger": ledger, "quarter": quarter}

    def open(self, title: str, document: str, issued_by: str, recipients: list[str]) -> None:
        """The street's document with its phases, and what it rests on."""
        data = {
            "campaign_no": self.no,
            "title": title,
            "document": document,
            "based_on": BASED_ON.get(self.register.division.county, ["民发〔2021〕41号", "渝民〔2021〕4号"]),
            "issued_on": OPENED_ON,
            "issued_by": issued_by,
            "lead_office": "社保所",
            "recipients": recipients,
            "phases": [
                {"title": name, "from_on": first.isoformat(), "to_on": last.isoformat()}
                for name, first, last in PHASES
            ],
        }
        self.tell("opened", OPENED_ON, data)

    def assign(
        self,
        village: Village,
        task_class: str,
        title: str,
        measures: str,
        day: date,
        due_on: date,
        *,
        counted: bool = False,
    ) -> Task:
        """A village has something to do by a day."""
        number = f"RW{self.register.serials.take('task_no', 4)}"
        data = {
            "task_no": number,
            "campaign_no": self.no,
            "task_class": task_class,
            "assigned_to": village.name,
            "division": village.code,
            "assigned_on": day,
            "due_on": due_on,
            "title": title,
            "measures": measures,
        }
        self.tell("task_assigned", day, data)
        task = Task(number, village, task_class, day, due_on, due_on < day, counted)
        self.tasks.append(task)
        return task

    def report(
        self, task: Task, progress: Progress, problems: int, due: int | None, checked: int | None
    ) -> None:
        """How far a task is: ``due`` households should be gone over, ``checked`` were."""
        data = {
            "task_no": task.no,
            "campaign_no": self.no,
            "reported_on": progress.day,
            "progress": progress.percent,
            "done": progress.done,
            "due_count": due,
            "checked_count": checked,
            "problem_count": problems,
            "summary": "已完成" if progress.done else f"正在推进，完成{progress.percent}%",
        }
        self._undo(self.tell("task_reported", progress.day, data), progress.undone_on, "误报完成")

    def submit(self, submission: Submission, signer: Official) -> None:
        """A village hands a ledger of a quarter in, signed."""
        data = {
            "submission_no": f"BS{self.register.serials.take('submission_no', 5)}",
            "campaign_no": self.no,
            "division": submission.village.code,
            "ledger": submission.ledger,
            "quarter": submission.quarter,
            "submitted_on": submission.day,
            "row_count": submission.rows,
            "signed_by": signer.no,
            "summary": f"{submission.quarter}台账共{submission.rows}条",
        }
        self._undo(self.tell("ledger_submitted", submission.day, data), submission.undone_on, "台账退回重报")

    def begin_project(
        self, title: str, owner: Official, day: date, steps: list[tuple[str, date]], petitions: list[str]
    ) -> None:
        """Something that people urgently need is taken on (救在身边; R43, R63)."""
        number = f"XM{self.register.serials.take('project_no', 4)}"
        self.projects[number] = steps[-1][1]
        data = {
            "project_no": number,
            "campaign_no": self.no,
            "title": title,
            "owner": owner.no,
            "started_on": day,
            "due_on": steps[-1][1],
            "milestones": [{"title": name, "due_on": due_on.isoformat()} for name, due_on in steps],
            "petition_nos": petitions,
            "description": "“救在身边”项目，按月调度",
        }
        self.tell("project_started", day, data)

    def report_project(self, project_no: str, day: date, percent: int) -> None:
        """How far a project is."""
        data = {
            "project_no": project_no,
            "reported_on": day,
            "progress": percent,
            "done": percent == 100,
            "summary": "已办结" if percent == 100 else "按计划推进",
        }
        self.tell("project_reported", day, data)

    def train(self, subject: str, day: date, attendees: list[Official], hours: int) -> None:
        """Officials are taught something (R5)."""
        data = {
            "training_no": f"PX{self.register.serials.take('training_no', 4)}",
            "campaign_no": self.no,
            "trained_on": day,
            "subject": subject,
            "trainer": "区民政局",
            "attendees": [official.no for official in attendees],
            "hours": hours,
        }
        self.tell("trained", day, data)

    def _undo(self, event: Event, undone_on: date | None, reason: str) -> None:
        if undone_on is not None and undone_on <= self.register.post.last_day:
            self.void(event, undone_on, reason)
