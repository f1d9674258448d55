"""What becomes of the campaign's tasks and of the ledgers of a quarter: done, late, left, taken back."""

from datetime import timedelta
from random import Random

from services.simulator.life.campaign import earliest, interim, with_households
from services.simulator.life.ledgers import OVERDUE
from services.simulator.offices.campaign import Owed, Progress, Task
from services.simulator.schemes.limits import BROKEN, How, day_done, owe
from services.simulator.schemes.scheme import Act, Deed
from services.simulator.street import Street

BEHIND = "task-behind"


def _task(case: str, how: How, *, early: bool = False) -> Act:
    """A task of the plan goes this way; ``early``: one whose last day was over when it was assigned."""

    def act(street: Street, random: Random) -> None:
        def take(task: Task) -> bool:
            if task.early != early or (how in BROKEN and task.limit >= street.as_of):
                return False
            done_on = day_done(street, random, how, earliest(task), task.limit)
            if case in ("report_corrected", "report_withdrawn"):
                wrong_on = task.limit - timedelta(days=random.randint(10, 14))
                undone_on = wrong_on + timedelta(days=random.randint(1, 4))
                task.reports.append(Progress(wrong_on, 100, done=True, undone_on=undone_on))
                if done_on is not None:
                    done_on = undone_on + timedelta(days=random.randint(1, 5))
            task.reports += interim(task, random, min(done_on or task.limit, task.limit - timedelta(days=15)))
            if done_on is not None:
                task.reports.append(Progress(done_on, 100, done=True))
            if case == "reported_again":
                again_on = task.limit + timedelta(days=random.randint(2, 20))
                task.reports.append(Progress(again_on, 100, done=True))
            owe(street, BEHIND, case, {"task_no": task.no}, how, task.limit, done_on)
            return True

        street.campaign.task_stories.append(take)

    return act


def _follow_up(street: Street, random: Random) -> None:
    """A further task near the end of the run, which is not due by then."""
    villages = with_households(street) if street.campaign.tasks else []
    if villages:
        day = street.day(random.randint(2, 25))
        due_on = day + timedelta(days=random.randint(30, 60))
        title = "建立健全长效机制，落实常态化排查"
        task = street.campaign.assign(random.choice(villages), "policy", title, "按季度更新台账", day, due_on)
        owe(street, BEHIND, "still_in_time", {"task_no": task.no}, "still_in_time", due_on, None)


def _ledger(case: str, how: How) -> Act:
    """A ledger of the quarter that is running goes this way."""

    def act(street: Street, random: Random) -> None:
        def take(owed: Owed) -> bool:
            if how in BROKEN and owed.due_on >= street.as_of:
                return False
            submissions = street.campaign.submissions
            done_on = day_done(street, random, how, owed.end + timedelta(days=1), owed.due_on)
            if case in ("withdrawn", "withdrawn_and_again"):
                wrong_on = owed.end + timedelta(days=random.randint(1, 6))
                undone_on = wrong_on + timedelta(days=random.randint(1, 4))
                submissions.append(owed.handed_in(wrong_on, undone_on))
                if done_on is not None:
                    done_on = undone_on + timedelta(days=random.randint(1, 4))
            if done_on is not None:
                submissions.append(owed.handed_in(done_on))
            if case == "submitted_again":
                submissions.append(owed.handed_in(owed.due_on + timedelta(days=random.randint(2, 20))))
            key = street.campaign.key(owed.village, owed.ledger, owed.quarter)
            owe(street, OVERDUE, case, key, how, owed.due_on, done_on)
            return True

        street.campaign.ledger_stories.append(take)

    return act


_TASKS: tuple[tuple[str, How, bool, int], ...] = (
    ("never_planned", "never", True, 2),
    ("planned_late", "late", True, 2),
    ("due_before_it_was_assigned", "in_time", True, 22),
    ("never_done", "never", False, 8),
    ("done_late", "late", False, 8),
    ("report_withdrawn", "never", False, 5),
    ("done_on_the_last_day", "on_the_last_day", False, 22),
    ("reported_again", "in_time", False, 22),
    ("report_corrected", "in_time", False, 22),
)
_SUBMISSIONS: tuple[tuple[str, How, int], ...] = (
    ("never_submitted", "never", 10),
    ("submitted_late", "late", 10),
    ("withdrawn", "never", 6),
    ("submitted_on_the_last_day", "on_the_last_day", 23),
    ("submitted_again", "in_time", 23),
    ("withdrawn_and_again", "in_time", 23),
)

DEEDS = (
    *(
        Deed(BEHIND, case, _task(case, how, early=early), 5, per_1200, begins="2021-06", ends="2021-06")
        for case, how, early, per_1200 in _TASKS
    ),
    Deed(BEHIND, "still_in_time", _follow_up, 1, 23, within=1, begins="2021-07", ends="2021-12"),
    *(
        Deed(OVERDUE, case, _ledger(case, how), 5, per_1200, begins="2021-06", ends="2021-08")
        for case, how, per_1200 in _SUBMISSIONS
    ),
)
