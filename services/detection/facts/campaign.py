"""A campaign, its tasks, what was found and put right, as their numbers keep them; ledgers by who owes them.

Who owes ledgers is a division of a campaign, ``owing:ZX2021/500102008201``.
"""

from events.envelope import Event
from services.detection.facts.fact import Body, FactType, Kept, business_date


class CampaignOpened(Body, frozen=True, tag="campaign_opened"):
    """A campaign is opened; ``date`` is issued_on, ``until`` the last day of its phases, if it has any."""

    until: str | None


class TaskAssigned(Body, frozen=True, tag="task_assigned"):
    """A village or office has something to do; ``date`` is assigned_on."""

    campaign_no: str
    division: str | None
    due_on: str


class TaskReported(Body, frozen=True, tag="task_reported"):
    """How far it is; ``date`` is reported_on."""

    done: bool


class ProblemFound(Body, frozen=True, tag="problem_found"):
    """A problem was found; ``date`` is found_on."""

    household_no: str | None


class FoundAgain(Body, frozen=True, tag="found_again"):
    """Another problem repeats this one; ``date`` is that other's found_on."""

    problem_no: str


class ProblemRectified(Body, frozen=True, tag="problem_rectified"):
    """It is said to be put right; ``date`` is rectified_on, ``evidenced`` whether it names evidence."""

    evidenced: bool


class ProblemRechecked(Body, frozen=True, tag="problem_rechecked"):
    """Somebody looked again; ``date`` is rechecked_on."""

    result: str


class LedgerSubmitted(Body, frozen=True, tag="ledger_submitted"):
    """A division handed a ledger of a quarter in; ``date`` is submitted_on."""

    ledger: str
    quarter: str


def _opened(event: Event) -> list[Kept]:
    data = event.data
    until = max((phase.to_on for phase in data.phases), default=None)
    body = CampaignOpened(
        str(event.event_id), business_date(event), None if until is None else until.isoformat()
    )
    return [Kept("campaign:" + data.campaign_no, body)]


def _assigned(event: Event) -> list[Kept]:
    data = event.data
    body = TaskAssigned(
        str(event.event_id),
        business_date(event),
        data.campaign_no,
        data.division,
        data.due_on.isoformat(),
    )
    kept = [Kept("task:" + data.task_no, body)]
    if data.division is not None:
        kept.append(Kept(f"owing:{data.campaign_no}/{data.division}", body))
    return kept


def _reported(event: Event) -> list[Kept]:
    body = TaskReported(str(event.event_id), business_date(event), event.data.done)
    return [Kept("task:" + event.data.task_no, body)]


def _found(event: Event) -> list[Kept]:
    data = event.data
    number, earlier = data.problem_no, data.earlier_problem_no
    event_id, found_on = str(event.event_id), business_date(event)
    kept = [Kept("problem:" + number, ProblemFound(event_id, found_on, data.household_no))]
    if earlier is not None and earlier != number:
        kept.append(Kept("problem:" + earlier, FoundAgain(event_id, found_on, number)))
    return kept


def _rectified(event: Event) -> list[Kept]:
    data = event.data
    body = ProblemRectified(str(event.event_id), business_date(event), data.evidence is not None)
    return [Kept("problem:" + data.problem_no, body)]


def _rechecked(event: Event) -> list[Kept]:
    body = ProblemRechecked(str(event.event_id), business_date(event), event.data.result)
    return [Kept("problem:" + event.data.problem_no, body)]


def _submitted(event: Event) -> list[Kept]:
    data = event.data
    body = LedgerSubmitted(str(event.event_id), business_date(event), data.ledger, data.quarter)
    return [Kept(f"owing:{data.campaign_no}/{data.division}", body)]


FACTS = (
    FactType(name="dibao.campaign.opened.v1", bodies=(CampaignOpened,), keep=_opened),
    FactType(name="dibao.campaign.task_assigned.v1", bodies=(TaskAssigned,), keep=_assigned),
    FactType(name="dibao.campaign.task_reported.v1", bodies=(TaskReported,), keep=_reported),
    FactType(name="dibao.campaign.ledger_submitted.v1", bodies=(LedgerSubmitted,), keep=_submitted),
    FactType(name="dibao.campaign.problem_found.v1", bodies=(ProblemFound, FoundAgain), keep=_found),
    FactType(name="dibao.campaign.problem_rectified.v1", bodies=(ProblemRectified,), keep=_rectified),
    FactType(name="dibao.campaign.problem_rechecked.v1", bodies=(ProblemRechecked,), keep=_rechecked),
)
