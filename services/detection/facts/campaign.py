"""What was found in a campaign and put right, as the problem's number keeps it."""

from events.envelope import Event
from services.detection.facts.fact import Body, FactType, Kept, business_date


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


FACTS = (
    FactType(name="dibao.campaign.problem_found.v1", bodies=(ProblemFound, FoundAgain), keep=_found),
    FactType(name="dibao.campaign.problem_rectified.v1", bodies=(ProblemRectified,), keep=_rectified),
    FactType(name="dibao.campaign.problem_rechecked.v1", bodies=(ProblemRechecked,), keep=_rechecked),
)
