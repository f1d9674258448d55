"""task-behind: a task of the campaign that was not reported done by the day it was due (R56, R59)."""

from datetime import date

from services.detection.facts.campaign import TaskAssigned, TaskReported
from services.detection.policy import Parameter
from services.detection.rules import clock
from services.detection.rules.clock import Clock, later, overdue
from services.detection.rules.rule import Clauses, Finding, Rule
from services.detection.subjects.task import Task


def clock_of(view: Task, without: Clauses = ()) -> Clock | None:
    """Return when a task must be done: on its last day, or the days that any task has where that is later.

    It is done when that is said, however far it was said to be.
    """
    begun, assigned = view.begun, view.assigned
    if begun is None or assigned is None:
        return None
    days = view.policy.days(TASK_DAYS, begun.date, view.scope)
    least = assigned.due_on if "least" in without else later(begun.date, days)
    done = [fact for fact in view.of(TaskReported) if fact.done]
    return Clock(
        due_on=max(assigned.due_on, least),
        because=(begun, assigned),
        done=done[0] if done and "done" not in without else None,
        policy={TASK_DAYS.name: days},
    )


def findings(view: Task, without: Clauses = ()) -> list[Finding]:
    """At most one finding a task. Params: ``due_on``, ``done_on``."""
    return overdue(view, clock_of(view, without), NAME, {"task_no": view.number}, "medium")


def next_due(view: Task) -> date | None:
    """Return the first day whose closing may change the answer."""
    return clock.next_due(view, [clock_of(view)])


NAME = "task-behind"

TASK_DAYS = Parameter(
    name="campaign.task_days",
    default="15",
    unit="days at least for a task, whatever its last day",
    source="ours",
    title="任务最短办理期限",
    measure="天，不论任务写明的完成时限",
    basis="本系统设定",
)

RULE = Rule[Task](
    name=NAME,
    version=1,
    title="专项行动任务逾期",
    phrases=(
        ("任务 {task_no} 应于{due_on:day}前完成", "任务 {task_no} 逾期"),
        ("{done_on:day}才完成", "至今未完成，逾期{due_on:days_over}天", "至今未完成"),
    ),
    requirements=("R56", "R59"),
    subject="task",
    triggers=frozenset({TaskAssigned, TaskReported}),
    parameters=(TASK_DAYS,),
    key=("task_no",),
    clauses={
        "least": "a last day before the plan's issue leaves the days that any task has",
        "done": "it was reported done in time",
    },
    findings=findings,
    next_due=next_due,
)
