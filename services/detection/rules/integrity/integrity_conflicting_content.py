"""integrity-conflicting-content: one id is stated with different contents, and more than one stands."""

from services.detection.facts.envelope import OneContent
from services.detection.rules.rule import Clauses, Finding, Rule, evidence
from services.detection.subjects.identifier import Identifier


def findings(view: Identifier, without: Clauses = ()) -> list[Finding]:
    """At most one finding an id, until all but one of its contents are voided by their digests.

    None of the contents counts until then. Params: ``source``, ``id`` (the source's own), ``digests`` of the
    contents that stand, in order, and ``receipts``, one for each of them: of the file or batch that it came
    with (the first by its number, if of several), null where it came singly. A void with two contents is
    found too: it undoes nothing, and goes on doing so when one of them is voided.
    """
    contents = view.contents
    if len(contents) < 2:
        return []
    ids, count, latest = evidence(contents)
    return [
        Finding(
            rule=NAME,
            key={"event_id": view.event_id},
            severity="high",
            params={
                "source": contents[0].source,
                "id": contents[0].serial,
                "digests": [one.digest for one in contents],
                "receipts": [one.receipts[0] if one.receipts else None for one in contents],
            },
            evidence=ids,
            evidence_count=count,
            holds_since=latest,
        )
    ]


NAME = "integrity-conflicting-content"

RULE = Rule[Identifier](
    name=NAME,
    version=1,
    title="同一流水号内容不一致",
    phrases=(
        ("来源 {source} 的流水号 {id} 报送了{digests:count}种不同内容", "事实 {event_id} 有多种不同内容"),
        "作废至只剩一种之前均不计入",
        "请向报送单位核实",
        "回执：{receipts:first_ten}",
    ),
    requirements=("R14", "R26"),
    subject="identifier",
    triggers=frozenset({OneContent}),
    key=("event_id",),
    findings=findings,
)
