"""``dibao backtest``: what drafts of policy, or other rules, would find in what is on record."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from pydantic import ValidationError

from deploy.cli.output import Format, FormatOption, console, fail, show
from deploy.deployment import current, run
from deploy.rebuilding import Derived
from events.policy import Adopted
from projections.phrases import yuan
from services.detection.backtest import Difference, backtest
from services.detection.facts.policy import PolicyAdopted, adopted
from services.detection.rules import ALL, BY_NAME, RuleSet, rules_of

_STATED_LAST = 2**62
"""A draft goes before what is adopted for the same day and scope."""

OUTCOMES = {"added": "新增", "removed": "消除", "changed": "内容变化", "same": "不变"}


def register(app: typer.Typer) -> None:
    """Hang this command into the root."""
    app.command("backtest")(tried)


def tried(
    policy: Annotated[
        Path | None,
        typer.Option(help="Drafts, a line each: the data of policy.adopted, or the event.", exists=True),
    ] = None,
    rules: Annotated[list[str] | None, typer.Option(help="Only these rules; may be repeated.")] = None,
    without: Annotated[list[str] | None, typer.Option(help="All rules but these; may be repeated.")] = None,
    form: FormatOption = Format.table,
) -> None:
    """Try policy on all that is on record, beside what is live, and show what would be found otherwise.

    Nothing that is live is touched, and nothing is announced.
    """
    chosen = _chosen(rules or [], without or [])
    drafts = () if policy is None else tuple(_drafts(policy))
    settings = current().settings_of(Derived.detection.service)
    if form is Format.table:
        console.print(f"Evaluating all subjects anew, {len(chosen.rules)} rules, {len(drafts)} drafts")
    done = run(backtest(settings, drafts=drafts, rules=chosen))
    show_differences(done.differences, form)
    if form is Format.table:
        console.print(
            f"{done.subjects:,} subjects in {done.seconds:.1f} s, as of generation {done.generation}."
        )


def show_differences(differences: Sequence[Difference], form: Format) -> None:
    """Print how findings come out otherwise; programs get those that stay the same as well."""
    rows = [_row(one) for one in differences]
    if form is not Format.table:
        show(rows, form)
        return
    differing = [row for row in rows if row["outcome"] != "same"]
    if not differing:
        console.print("与现行结果完全一致。")
        return
    heads = [
        ("rule", "规则"),
        ("title", "名称"),
        ("severity", "严重程度"),
        ("outcome_said", "变化"),
        ("count", "数量"),
        ("amount", "金额"),
        ("sample", "例(dibao explain)"),
    ]
    show(differing, form, columns=heads, title="与现行结果相比")


def draft(number: int, data: Adopted) -> PolicyAdopted:
    """Return a value that is tried; of several for one day and scope the one of the last number holds."""
    return adopted(f"draft {number}", _STATED_LAST + number, data)


def _chosen(only: Sequence[str], but: Sequence[str]) -> RuleSet:
    unknown = [name for name in (*only, *but) if name not in BY_NAME]
    if unknown:
        raise fail(f"There is no rule {', '.join(unknown)}: `dibao rules` lists them.", 2)
    chosen = [rule for rule in ALL.rules if rule.name not in but and (not only or rule.name in only)]
    if not chosen:
        raise fail("No rule is left to be tried.", 2)
    return ALL if len(chosen) == len(ALL.rules) else rules_of(chosen)


def _drafts(file: Path) -> list[PolicyAdopted]:
    found: list[PolicyAdopted] = []
    for number, line in enumerate(file.read_bytes().splitlines(), start=1):
        if not line.strip():
            continue
        try:
            raw: Any = msgspec.json.decode(line)
            data = Adopted.model_validate(raw.get("data", raw) if isinstance(raw, dict) else raw)
        except (msgspec.DecodeError, ValidationError) as error:
            raise fail(f"{file}, line {number} is no value of policy: {_reason(error)}", 2) from None
        if not ALL.parameters_named(data.parameter):
            raise fail(f"{file}, line {number}: no rule reads {data.parameter}; see `dibao policy list`.", 2)
        found.append(draft(number, data))
    return found


def _reason(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False, include_input=False)[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    return "it is not JSON"


def _row(one: Difference) -> dict[str, Any]:
    return {
        "rule": one.rule,
        "title": BY_NAME[one.rule].title,
        "severity": one.severity,
        "outcome": one.outcome,
        "outcome_said": OUTCOMES[one.outcome],
        "count": one.count,
        "amount_fen": one.amount_fen,
        "amount": yuan(one.amount_fen) if one.amount_fen else "",
        "samples": list(one.samples),
        "sample": one.samples[0] if one.samples else "",
    }
