"""integrity-number-used-twice: a number that is unique in the deployment is stated by several facts."""

from services.detection.facts.envelope import NumberStated
from services.detection.rules.rule import Clauses, Finding, Rule
from services.detection.subjects.business_number import BusinessNumber


def findings(view: BusinessNumber, without: Clauses = ()) -> list[Finding]:
    """At most one finding a number, while facts of one type under more than one id that count state it.

    ``kind`` is the field of the number; where several fields are the number together, their names and values
    are joined, by ``+`` and a blank. Params: ``events`` (ids in order, at most 50) and ``receipts``, one for
    each of them: of the file or batch that it came with, null where it came singly.
    """
    statements = view.statements
    if statements.count < 2:
        return []
    return [
        Finding(
            rule=NAME,
            key={"kind": view.kind, "number": view.number},
            severity="high",
            params={"events": list(statements.receipts), "receipts": list(statements.receipts.values())},
            evidence=tuple(statements.receipts),
            evidence_count=statements.count,
            holds_since=None,
        )
    ]


NAME = "integrity-number-used-twice"

RULE = Rule[BusinessNumber](
    name=NAME,
    version=1,
    title="编号重复使用",
    phrases=(
        (
            "{kind:headings} {number:parts} 被{events:count}条不同事实使用",
            "{kind:headings} {number:parts} 被多条不同事实使用",
        ),
        "请向报送单位核实",
        "回执：{receipts:first_ten}",
    ),
    requirements=("R26", "R40"),
    subject="business_number",
    triggers=frozenset({NumberStated}),
    key=("kind", "number"),
    findings=findings,
)
