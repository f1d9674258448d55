"""The rules of detection as Markdown pages for people: an index with all parameters, and a page a rule."""

import inspect
import json
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from deploy.contract.pages import table
from deploy.contract.specimens import made_of
from events.reading import read
from projections.labels import word
from projections.phrases import sentence
from services.detection import looking
from services.detection.facts import FACTS
from services.detection.facts.fact import Body
from services.detection.policy import Parameter
from services.detection.rules import ALL
from services.detection.rules.rule import Finding, Rule
from services.detection.subjects import subject_of

_BY_BODY: Mapping[type[Body], str] = {
    body: name.removeprefix("dibao.").removesuffix(".v1")
    for name, fact in FACTS.items()
    for body in fact.bodies
}


def rule_pages() -> dict[str, str]:
    """Return every page by its name below ``docs/rules``."""
    rules = sorted(ALL.rules, key=lambda rule: rule.name)
    return {"README.md": _index(rules), **{f"{rule.name}.md": _page(rule) for rule in rules}}


def _index(rules: Iterable[Rule[Any]]) -> str:
    rules = list(rules)
    readers: dict[str, list[str]] = {}
    parameters: dict[str, Parameter] = {}
    for rule in rules:
        for parameter in rule.parameters:
            parameters[parameter.name] = parameter
            readers.setdefault(parameter.name, []).append(f"[{rule.name}]({rule.name}.md)")
    shown = (
        (f"`{name}`", _default(one), one.unit, one.source, ", ".join(readers[name]))
        for name, one in sorted(parameters.items())
    )
    heads = ("Rule", "", "Serves", "One finding for each")
    return f"""# The rules of detection

There are {len(rules)}, each one file in `services/detection/rules/`. These pages are written by
`dibao contract export` from the declarations and the examples beside them. What is in force on a day is said
by `dibao policy list`, what was found by `dibao rules` and `dibao anomalies --rule NAME`; `dibao backtest`
tries other values on what is on record.

{table(heads, (_line(rule) for rule in rules))}

## Parameters

Each may be set by a document, for a division and a programme (`dibao policy propose` and `approve`, by two
people; `adopt`); until then the default holds.

{table(("Parameter", "Default", "Unit", "Source of the default", "Read by"), shown)}
"""


def _line(rule: Rule[Any]) -> tuple[str, ...]:
    return (
        f"[{rule.name}]({rule.name}.md)",
        rule.title,
        ", ".join(rule.requirements),
        ", ".join(f"`{field}`" for field in rule.key),
    )


def _page(rule: Rule[Any]) -> str:
    module = inspect.getmodule(rule.findings)
    about = inspect.cleandoc(module.__doc__ or "") if module is not None else ""
    said = inspect.cleandoc(rule.findings.__doc__ or "").replace("``", "`")
    parts = [
        f"# {rule.name} ({rule.title})",
        _sentence(about.partition(": ")[2].replace("``", "`")),
        f"Serves {', '.join(rule.requirements)}. Version {rule.version}.",
        f"## What it finds\n\n{said}",
        f"Key: {', '.join(f'`{field}`' for field in rule.key)}. It looks at one `{rule.subject}` "
        + ("month by month." if rule.by_month else "as a whole.")
        + (" It counts working days." if rule.working_days else ""),
        "## What a clerk reads\n\n" + "\n".join(f"- {_phrase(phrase)}" for phrase in rule.phrases),
        f"## What it reads\n\n{_reads(rule)}",
    ]
    if rule.parameters:
        rows = ((f"`{one.name}`", _default(one), one.unit, one.source) for one in rule.parameters)
        parts.append("## Parameters\n\n" + table(("Parameter", "Default", "Unit", "Source"), rows))
    if rule.clauses:
        clauses = ((f"`{name}`", why) for name, why in rule.clauses.items())
        parts.append("## What is lawful\n\n" + table(("Clause", "Because"), clauses))
    parts.append(f"## An example\n\n{_example(rule)}")
    return "\n\n".join(parts) + "\n"


def example_of(rule: Rule[Any]) -> tuple[str, list[dict[str, Any]]]:
    """Return the closed day and the facts of a rule's example, which stands beside its file."""
    file = Path(inspect.getfile(rule.findings)).with_suffix(".example.json")
    example = json.loads(file.read_text(encoding="utf-8"))
    return example["closed"], example["facts"]


def found_in(rule: Rule[Any], closed: str, facts: Iterable[dict[str, Any]]) -> list[Finding]:
    """Return what a rule finds in facts as upstream states them, which all count."""
    events = [read(one.value, one.headers) for one in made_of(facts)]
    return looking.found(rule, looking.kept(events), closed)


def _example(rule: Rule[Any]) -> str:
    closed, facts = example_of(rule)
    stated = "\n".join(
        json.dumps({name: fact[name] for name in _shown(fact)}, ensure_ascii=False) for fact in facts
    )
    found = "\n".join(
        f"- {word('severity', one.severity)}: "
        + sentence(rule.phrases, {**one.params, **one.key}, date.fromisoformat(closed))
        for one in found_in(rule, closed, facts)
    )
    return (
        f"Of invented people it was stated, and {closed} is closed:\n\n"
        f"```json\n{stated}\n```\n\nThen a clerk reads:\n\n{found}"
    )


def _shown(fact: Mapping[str, Any]) -> tuple[str, ...]:
    # Of the envelope only what an example is about.
    beside = tuple(name for name in ("correlationid", "sourcearea") if name in fact)
    return ("type", *(("source", "id", *beside) if beside else ()), "data")


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _phrase(phrase: Any) -> str:
    return f"`{phrase}`" if isinstance(phrase, str) else ", else ".join(f"`{one}`" for one in phrase)


def _reads(rule: Rule[Any]) -> str:
    lines = [f"- of the `{rule.subject}` itself: {_types(rule.triggers | rule.later)}"]
    for neighbour in subject_of(rule.subject).neighbours:
        if read := neighbour.facts & rule.neighbours:
            lines.append(f"- of each `{neighbour.kind}` that it names: {_types(read)}")
    return "\n".join(lines)


def _types(bodies: Iterable[type[Body]]) -> str:
    names = sorted({_BY_BODY[body] for body in bodies if body in _BY_BODY})
    return ", ".join(f"`{name}`" for name in names) or "the envelopes of all types"


def _default(parameter: Parameter) -> str:
    return "".join((parameter.default, *(f"; {value} from {first}" for first, value in parameter.dated)))
