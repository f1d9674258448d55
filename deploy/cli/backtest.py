"""``dibao backtest``: what drafts of policy, or other rules, would find in what is on record."""

from collections.abc import Coroutine, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from pydantic import ValidationError

from deploy.cli.asked import day
from deploy.cli.output import Format, FormatOption, console, fail, show
from deploy.cli.telling import Bar
from deploy.deployment import current, run
from deploy.rebuilding import Derived
from events.policy import Adopted
from projections.phrases import yuan
from projections.schema import READER
from services.detection.backtest import Difference, Tried, Window, backtest
from services.detection.checkout import NotTriedError, quiet
from services.detection.facts.policy import PolicyAdopted, adopted
from services.detection.rules import ALL, BY_NAME, RuleSet, rules_of
from services.detection.trying import Trial
from services.platform.rebuilding import RebuildRunningError

_STATED_LAST = 2**62
"""A draft goes before what is adopted for the same day and scope."""

OUTCOMES = {"added": "新增", "removed": "消除", "changed": "内容变化", "same": "不变"}

_HEADS = (
    ("rule", "规则"),
    ("title", "名称"),
    ("village", "村(社区)"),
    ("severity", "严重程度"),
    ("outcome_said", "变化"),
    ("count", "数量"),
    ("amount", "金额"),
    ("sample", "例(dibao explain)"),
)

_THIS_CODE = "rules of this version"


def register(app: typer.Typer) -> None:
    """Hang this command into the root."""
    app.command("backtest")(tried)


def tried(
    policy: Annotated[
        list[Path] | None,
        typer.Option(
            help="Drafts, a line each: the data of policy.adopted, or the event. Each file is a trial of its "
            "own; may be repeated.",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    rules: Annotated[list[str] | None, typer.Option(help="Only these rules; may be repeated.")] = None,
    without: Annotated[list[str] | None, typer.Option(help="All rules but these; may be repeated.")] = None,
    first: Annotated[
        date | None,
        typer.Option("--from", parser=day, metavar="DAY", help="Only findings of this day and later."),
    ] = None,
    last: Annotated[
        date | None, typer.Option("--to", parser=day, metavar="DAY", help="Only findings up to this day.")
    ] = None,
    as_of: Annotated[
        date | None,
        typer.Option(
            "--as-of",
            parser=day,
            metavar="DAY",
            help="On what was recorded when this closed day was closed, against today's rules and policy.",
        ),
    ] = None,
    code: Annotated[
        Path | None,
        typer.Option(
            help="The folder of another checkout, whose rules are tried.",
            exists=True,
            file_okay=False,
        ),
    ] = None,
    processes: Annotated[
        int,
        typer.Option(min=0, help="How many processes evaluate; 0: as many as are worth while."),
    ] = 0,
    form: FormatOption = Format.table,
) -> None:
    """Try policy or rules on all that is on record, and show what would be found otherwise than it is live.

    Nothing that is live is touched, and nothing is announced. The day of a finding is its month, else the day
    by which something was due, else that of its latest evidence.
    """
    if first is not None and last is not None and first > last:
        raise fail(f"--from {first} is after --to {last}.", 2)
    drafts = [Trial(name=str(file), drafts=tuple(_drafts(file))) for file in policy or ()]
    if as_of is not None and not drafts and code is None:
        raise fail("As of a day there is nothing to compare: give --policy or --code with --as-of.", 2)
    trials = drafts if drafts or code is not None else [Trial(name=_THIS_CODE)]
    chosen = _chosen(rules or [], without or [], elsewhere=code is not None)
    settings = current().settings_of(Derived.detection.service)
    with Bar() as bar:
        task: Any = None
        doing = ""

        def tell(said: str, done: int, total: int) -> None:
            nonlocal task, doing
            if said != doing:
                if task is not None:
                    bar.update(task, total=bar.tasks[task].completed)
                doing, task = said, bar.add_task(said, total=None)
            bar.update(task, completed=done, total=total or None)

        done = carried_out(
            backtest(
                settings,
                trials,
                rules=chosen,
                only=rules or None,
                but=without or (),
                window=Window(first=first, last=last) if first or last else None,
                as_of=as_of,
                code=code,
                processes=processes,
                reader=READER,
                # Programs read what is printed.
                tell=tell if form is Format.table else quiet,
            )
        )
    if form is not Format.table:
        show([_row(one, result.name) for result in done.results for one in result.differences], form)
        return
    show_results(done)


def draft(number: int, data: Adopted) -> PolicyAdopted:
    """Return a value that is tried; of several for one day and scope the one of the last number holds."""
    return adopted(f"draft {number}", _STATED_LAST + number, data)


def carried_out(work: Coroutine[Any, Any, Tried]) -> Tried:
    """Wait for a backtest. Ends the command with the reason where nothing can be tried."""
    try:
        return run(work)
    except (NotTriedError, RebuildRunningError) as error:
        raise fail(str(error)) from None


def show_results(done: Tried) -> None:
    """Print for each trial how findings come out otherwise."""
    against = "现行结果" if done.as_of is None else f"{done.as_of} 日结时按现行规则和政策的结果"
    for result in done.results:
        rows = [_row(one, result.name) for one in result.differences if one.outcome != "same"]
        if rows:
            show(rows, Format.table, columns=_HEADS, title=f"{result.name}:与{against}相比")
        else:
            console.print(f"{result.name}:与{against}完全一致。", soft_wrap=True)
    if done.as_of is not None:
        console.print("当时的结果不保留,故以现行规则和政策对同一批事实重算,作为比较的基准。", soft_wrap=True)
    console.print(
        f"{done.facts:,} facts prepared in {done.prepare_seconds:.1f} s, {done.subjects:,} subjects "
        f"evaluated in {done.evaluate_seconds:.1f} s, as of generation {done.generation}.",
        soft_wrap=True,
    )


def _chosen(only: Sequence[str], but: Sequence[str], *, elsewhere: bool = False) -> RuleSet:
    """Return the rules that run here. ``elsewhere``: other code runs as well, which may have others."""
    unknown = [name for name in (*only, *but) if name not in BY_NAME]
    if unknown and not elsewhere:
        raise fail(f"There is no rule {', '.join(unknown)}: `dibao rules` lists them.", 2)
    chosen = [rule for rule in ALL.rules if rule.name not in but and (not only or rule.name in only)]
    if not chosen and not elsewhere:
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


def _row(one: Difference, trial: str) -> dict[str, Any]:
    return {
        "trial": trial,
        "rule": one.rule,
        "title": one.title,
        "village": one.village,
        "severity": one.severity,
        "outcome": one.outcome,
        "outcome_said": OUTCOMES[one.outcome],
        "count": one.count,
        "amount_fen": one.amount_fen,
        "amount": yuan(one.amount_fen) if one.amount_fen else "",
        "samples": list(one.samples),
        "sample": one.samples[0] if one.samples else "",
    }
