"""paper-rectification: a problem that was put right on paper only (纸上整改, R49)."""

from datetime import date

from services.detection.facts.campaign import ProblemFound, ProblemRechecked, ProblemRectified
from services.detection.rules import clock
from services.detection.rules.rule import Clauses, Finding, Rule, evidence
from services.detection.subjects.subject import Dossier


def findings(view: Dossier, without: Clauses = ()) -> list[Finding]:
    """At most one finding a problem. Params: ``why`` (``no_evidence``, ``recheck``), ``since``."""
    found, rectified = view.last(ProblemFound), view.last(ProblemRectified)
    if found is None or (rectified is None and "not_rectified" not in without):
        return []
    words: list[ProblemRectified | ProblemRechecked] = [*view.of(ProblemRectified)]
    if "recheck_holds" not in without:
        words += view.of(ProblemRechecked)
    else:
        words += [fact for fact in view.of(ProblemRechecked) if fact.result != "holds"]
    wrong = [fact for fact in words if _why(fact)]
    if "put_right_later" not in without:
        wrong = [fact for fact in wrong if fact is max(words, key=_order)]
    if not wrong:
        return []
    said = max(wrong, key=_order)
    ids, count, latest = evidence([found, rectified, said])
    return [
        Finding(
            rule=NAME,
            key={"problem_no": view.number},
            severity="medium",
            params={"why": _why(said), "since": said.date},
            evidence=ids,
            evidence_count=count,
            holds_since=latest,
            household_no=found.household_no,
        )
    ]


def _why(word: ProblemRectified | ProblemRechecked) -> str | None:
    """Return what is wrong with a word, if anything is."""
    if type(word) is ProblemRectified:
        return None if word.evidenced else "no_evidence"
    return "recheck" if type(word) is ProblemRechecked and word.result == "not_rectified" else None


def _order(word: ProblemRectified | ProblemRechecked) -> tuple[str, bool, str]:
    """Of one day the recheck is later: it looks at what was put right."""
    return word.date, type(word) is ProblemRechecked, word.event_id


def next_due(view: Dossier) -> date | None:
    """Return the day on which something dated in the future is there."""
    return clock.next_due(view, ())


NAME = "paper-rectification"

RULE = Rule[Dossier](
    name=NAME,
    version=1,
    title="纸上整改",
    phrases=("问题 {problem_no} 仅在纸面上整改", "{since:day}{why:word}"),
    requirements=("R49",),
    subject="problem",
    triggers=frozenset({ProblemFound, ProblemRectified, ProblemRechecked}),
    key=("problem_no",),
    clauses={
        "not_rectified": "nobody has said yet that it was put right",
        "recheck_holds": "somebody looked again, and it was put right",
        "put_right_later": "it was put right, with something to show for it, after that",
    },
    findings=findings,
    next_due=next_due,
)
