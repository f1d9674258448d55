"""The next version of dibao, as an upgrade brings it: a type in its second version, and a rule added.

``dibao.hotline.answered.v2`` says how a call was answered, where version 1 said only whether by telephone;
the rule finds calls that nobody took and that were answered otherwise. What is changed is what
``docs/architecture.md`` names for a version of a type.
"""

from pathlib import Path
from typing import Any

import orjson

from deploy.migrations.upgrade import newest_revision
from tests.deploy.checkout import make_checkout

V1, V2 = "dibao.hotline.answered.v1", "dibao.hotline.answered.v2"
RULE = "answered-otherwise"

Change = tuple[str, str, str]
"""A file, what stands in it once, and what stands there in the next version."""

TYPE: tuple[Change, ...] = (
    (
        "events/hotline.py",
        "class Sampled(",
        '''class AnsweredSomehow(Fact, Generic[TextT]):
    """What was asked in a call was answered (R53, R55), and how."""

    call_no: Number
    answered_at: Instant
    answered_by: Number | None = None
    """``official_no``."""
    way: Literal["call_back", "message", "visit", "other"]
    """回电, 短信, 上门, 其他."""
    resolved: bool
    """Whether the caller's reasonable demand was met (R55)."""
    answer: TextT | None = None


class Sampled(''',
    ),
    (
        "events/hotline.py",
        '    EventType(\n        name="dibao.hotline.sampled.v1",',
        f'''    EventType(
        name="{V2}",
        readable=AnsweredSomehow[FreeText],
        model=AnsweredSomehow[_T],
        key=_CALL,
        business_date="answered_at",
        seal_under=(_CALL,),
        requirements=("R53", "R55"),
    ),
    EventType(
        name="dibao.hotline.sampled.v1",''',
    ),
    (
        "events/upcasting.py",
        "UPCASTERS: tuple[Upcaster, ...] = ()",
        f'''def _somehow(data: dict[str, Any]) -> dict[str, Any]:
    data["way"] = "call_back" if data.pop("called_back") else "other"
    return data


UPCASTERS: tuple[Upcaster, ...] = (
    Upcaster("{V1}", "{V2}", _somehow),
)''',
    ),
    (
        "events/words/hotline.py",
        '    "sampled": {',
        """    "answered": {
        "way": {"call_back": "回电", "message": "短信", "visit": "上门", "other": "其他"},
    },
    "sampled": {""",
    ),
    (
        "events/glossary.py",
        '    "called_back":',
        '    "way": "How the caller was answered.",\n    "called_back":',
    ),
    (
        "services/hotline/forms.py",
        '    Form(\n        "dibao.hotline.sampled.v1",',
        f'''    Form(
        "{V2}",
        "热线答复（按方式）",
        (
            _CALL,
            Header("答复时间", "answered_at"),
            Header("答复人编号", "answered_by", note="工作人员编号"),
            Header("答复方式", "way"),
            Header("是否解决", "resolved", "解决"),
            Header("答复内容", "answer"),
        ),
    ),
    Form(
        "dibao.hotline.sampled.v1",''',
    ),
    # Whoever reads the type reads its newest version, and that only.
    ("services/detection/facts/hotline.py", V1, V2),
    ("services/detection/facts/hotline.py", "data.called_back", 'data.way == "call_back"'),
    ("projections/ledgers/hotline.py", V1, V2),
)

_RULE = f'''"""{RULE}: nobody took a call, and it was answered otherwise than by calling back (R52)."""

from datetime import date

from services.detection.facts.hotline import CallAnswered, Called
from services.detection.rules import clock
from services.detection.rules.rule import Clauses, Finding, Rule, evidence
from services.detection.subjects.call import Call


def findings(view: Call, without: Clauses = ()) -> list[Finding]:
    """At most one finding a call. Params: ``answered_on``, of the last answer."""
    called, answers = view.called, view.of(CallAnswered)
    if called is None or not answers:
        return []
    if called.picked_up and "picked_up" not in without:
        return []
    if any(answer.called_back for answer in answers) and "called_back" not in without:
        return []
    ids, count, latest = evidence([called, *answers])
    return [
        Finding(
            rule=NAME,
            key={{"call_no": view.number}},
            severity="low",
            params={{"answered_on": answers[-1].date}},
            evidence=ids,
            evidence_count=count,
            holds_since=latest,
        )
    ]


def next_due(view: Call) -> date | None:
    """Return the day on which a fact dated in the future takes effect."""
    return clock.next_due(view, ())


NAME = "{RULE}"

RULE = Rule[Call](
    name=NAME,
    version=1,
    title="未接来电未以回电答复",
    phrases=("来电 {{call_no}} 无人接听", "{{answered_on:day}}答复，但不是回电"),
    requirements=("R52",),
    subject="call",
    triggers=frozenset({{Called, CallAnswered}}),
    key=("call_no",),
    clauses={{"picked_up": "somebody took it", "called_back": "the caller was called back"}},
    findings=findings,
    next_due=next_due,
)
'''

_REVISION = "9001"
_MIGRATION = f'''"""The next version keeps something more."""

from alembic import op

revision = "{_REVISION}"
down_revision = "{newest_revision()}"


def upgrade() -> None:
    """Add a column, as upgrades do: the version of before does not notice."""
    op.execute("ALTER TABLE platform.quarter ADD of_the_next_version text NOT NULL DEFAULT \'\'")
'''

_NEW_FILES = {
    "services/detection/rules/hotline/answered_otherwise.py": _RULE,
    f"deploy/migrations/versions/r{_REVISION}_of_the_next_version.py": _MIGRATION,
}


def as_version_2(fact: dict[str, Any], way: str) -> dict[str, Any]:
    """Return a fact of version 1 as an upstream states it that has learned version 2."""
    data = {name: value for name, value in fact["data"].items() if name != "called_back"}
    return {**fact, "type": V2, "data": {**data, "way": way}}


def make_next_version(folder: Path) -> Path:
    """Copy this checkout and change what the next version changes; returns its program `dibao`."""
    program = make_checkout(folder)
    for file, before, after in TYPE:
        path = folder / file
        source = path.read_text(encoding="utf-8")
        assert source.count(before) == 1, f"{before!r} stands {source.count(before)} times in {file}"
        path.write_text(source.replace(before, after), encoding="utf-8")
    for file, source in _NEW_FILES.items():
        (folder / file).write_text(source, encoding="utf-8")
    _add_examples(folder)
    return program


def _add_examples(folder: Path) -> None:
    examples = folder / "events" / "examples" / "hotline.json"
    facts = orjson.loads(examples.read_bytes())
    answered = next(fact for fact in facts if fact["type"] == V1)
    second = as_version_2(answered, "message")
    second["id"] += "-2"
    facts.insert(facts.index(answered) + 1, second)
    examples.write_bytes(orjson.dumps(facts, option=orjson.OPT_INDENT_2))
    rules = folder / "services" / "detection" / "rules" / "hotline"
    example = orjson.loads((rules / "unanswered_call.example.json").read_bytes())
    called = next(fact for fact in example["facts"] if fact["type"].endswith(".called.v1"))
    data = {
        "call_no": called["data"]["call_no"],
        "answered_at": "2021-01-11T09:00:00+08:00",
        "way": "message",
    }
    answer = {**called, "id": "RXLZ202101-000002", "type": V2, "time": data["answered_at"]}
    example["facts"] = [called, {**answer, "data": {**data, "resolved": True}}]
    (rules / "answered_otherwise.example.json").write_bytes(orjson.dumps(example))
