"""``dibao policy``: the parameters of the rules, stated directly, or proposed, tried and approved."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, TypeVar
from uuid import uuid4

import asyncpg
import typer

from deploy.cli.asked import day as day_of
from deploy.cli.backtest import OUTCOMES, carried_out, draft, show_results
from deploy.cli.database import OperatorOption, ask_database, operator_of
from deploy.cli.output import Format, FormatOption, console, fail, plain, show
from deploy.cli.publishing import handed_over, report, state
from deploy.deployment import current, run
from deploy.rebuilding import Derived
from events.policy import Adopted
from events.values import SHANGHAI
from projections.schema import READER
from services.detection.backtest import backtest
from services.detection.trying import Trial
from services.platform.proposals import (
    Proposal,
    ProposalError,
    State,
    StepName,
    approval,
    proposal_of,
    proposals,
    propose,
    take,
    withdrawal,
)
from services.reporting import queries

ADOPTED = "dibao.policy.adopted.v1"
VOIDED = "dibao.policy.voided.v1"
SOURCE = "/dibao/policy"

Result = TypeVar("Result")

app = typer.Typer(no_args_is_help=True, help="The parameters of the rules.")

ParameterArgument = Annotated[str, typer.Argument(help="A parameter, as `dibao policy list` names them.")]
ValueArgument = Annotated[str, typer.Argument(help="A number, or a text where the parameter is one.")]
FromOption = Annotated[str, typer.Option("--from", help="The first day on which it holds.")]
DocumentOption = Annotated[str, typer.Option(help="The document that says so.")]
DivisionOption = Annotated[str | None, typer.Option(help="A division code, or the beginning of one.")]
ProgrammeOption = Annotated[str | None, typer.Option(help="rural_dibao, urban_dibao or tekun.")]
NumberArgument = Annotated[int, typer.Argument(help="The number of the proposal.", min=1)]

_STATES: Mapping[State, str] = {
    "proposed": "待批准",
    "approved": "已批准，尚未上报",
    "adopted": "已采用",
    "withdrawn": "已撤回",
    "undoing": "已撤销，尚未上报作废",
    "undone": "已作废",
}

_STEPS: Mapping[State, str] = {
    "proposed": "拟定",
    "approved": "批准",
    "adopted": "上报",
    "withdrawn": "撤回",
    "undoing": "撤销",
    "undone": "上报作废",
}


def register(root: typer.Typer) -> None:
    """Hang this group into the root."""
    root.add_typer(app, name="policy")


@app.command("list")
def list_(
    on: Annotated[str | None, typer.Option(help="A day, such as 2021-06-30; today by default.")] = None,
    division: DivisionOption = None,
    programme: ProgrammeOption = None,
    form: FormatOption = Format.table,
) -> None:
    """Show every parameter that a rule or a view reads: its value on a day, since when, by which document."""
    day = datetime.now(SHANGHAI).date() if on is None else day_of(on)
    try:
        if programme is not None:
            queries.check_programme(programme)
        rows = ask_database(lambda pool: queries.in_force(pool, day, division, programme))
    except queries.WrongQuestionError as error:
        raise fail(f"{error}.", 2) from None
    except queries.NotThereError as error:
        raise fail(str(error)) from None
    if form is not Format.table:
        show(rows, form)
        return
    heads = [
        ("title", "参数"),
        ("parameter", "代号"),
        ("value", "现行值"),
        ("measure", "单位"),
        ("from", "执行日期"),
        ("document", "依据文件"),
        ("scope", "适用范围"),
        ("default", "默认值"),
        ("basis", "默认值依据"),
        ("rules", "使用的规则"),
        ("views", "使用的视图"),
    ]
    show([_shown(row) for row in rows], form, columns=heads, title=f"{day}的政策参数")


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    return {
        **row,
        "scope": _scope(row) or ("全部" if row["document"] else ""),
        "document": row["document"] or "（默认值）",
        "rules": "\n".join(row["rules"]),
        "views": "\n".join(row["views"]),
    }


def _scope(said: Mapping[str, Any]) -> str:
    return " ".join(filter(None, (said.get("division_prefix"), said.get("programme"))))


@app.command("adopt")
def adopt(
    parameter: ParameterArgument,
    value: ValueArgument,
    first: FromOption,
    document: DocumentOption,
    division: DivisionOption = None,
    programme: ProgrammeOption = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would become of it; nothing goes onto the log.")
    ] = False,
    key: Annotated[
        str | None,
        typer.Option(envvar="DIBAO_KEY", help="An upstream's key; otherwise the local operator's."),
    ] = None,
    form: FormatOption = Format.table,
) -> None:
    """State that a parameter has a value from a day on; what it changes is looked at again at once."""
    data = _data(parameter, value, first, document, division, programme)
    state(_fact(ADOPTED, str(uuid4()), datetime.now(SHANGHAI), data), key, form, trial=dry_run)


@app.command("propose")
def propose_(
    parameter: ParameterArgument,
    value: ValueArgument,
    first: FromOption,
    document: DocumentOption,
    division: DivisionOption = None,
    programme: ProgrammeOption = None,
    key: OperatorOption = None,
    form: FormatOption = Format.table,
) -> None:
    """Propose a value: it is tried on all that is on record, and counts once another operator approves it."""
    key, operator = operator_of(key)
    data = _data(parameter, value, first, document, division, programme)
    _try_to_hand_over(_fact(ADOPTED, str(uuid4()), datetime.now(SHANGHAI), data), key, form)
    if form is Format.table:
        console.print("Evaluating all subjects anew, to see what it would change")
    settings = current().settings_of(Derived.detection.service)
    trial = Trial(name=f"{parameter} {value}", drafts=(draft(1, Adopted.model_validate(data)),))
    done = carried_out(backtest(settings, [trial], reader=READER))
    number = _asked(lambda pool: propose(pool, ADOPTED, data, plain(asdict(done)), operator))
    if form is not Format.table:
        show([_row(_asked(lambda pool: proposal_of(pool, number)))], form)
        return
    show_results(done)
    console.print(
        f"Number {number} is proposed by {operator}. Another operator approves it: "
        f"`dibao policy approve {number}`."
    )


@app.command("proposals")
def proposals_(form: FormatOption = Format.table) -> None:
    """List what was proposed: what a backtest said of it, who proposed, approved or withdrew it, and when."""
    rows = [_row(each) for each in _asked(proposals)]
    heads = [
        ("number", "编号"),
        ("parameter", "参数"),
        ("value", "拟定值"),
        ("from", "执行日期"),
        ("scope", "适用范围"),
        ("document", "依据文件"),
        ("state_said", "状态"),
        ("tried_said", "试算"),
        ("record", "经过"),
    ]
    show(rows, form, columns=heads, title="政策参数的拟定与批准")


@app.command("approve")
def approve(number: NumberArgument, key: OperatorOption = None, form: FormatOption = Format.table) -> None:
    """Approve what another operator proposed: it goes onto the log, and is looked at again at once.

    Where this was interrupted, approve again: nothing is published twice.
    """
    key, operator = operator_of(key)
    proposal = _asked(lambda pool: proposal_of(pool, number))
    step = _decided(lambda: approval(proposal, operator))
    if step is not None:
        _try_to_hand_over(_fact(ADOPTED, _serial(number), datetime.now(SHANGHAI), proposal.data), key, form)
        proposal = _taken(proposal, step, operator)
    fact = _fact(ADOPTED, _serial(number), proposal.taken("approved").at, proposal.data)
    _publish(proposal, "adopted", fact, key, operator, form)


@app.command("withdraw")
def withdraw(
    number: NumberArgument,
    reason: Annotated[str, typer.Option(help="Why; everybody can read this, so name nobody.")],
    key: OperatorOption = None,
    form: FormatOption = Format.table,
) -> None:
    """Withdraw a proposal; one that was adopted is undone: it never counted.

    Where this was interrupted, withdraw again: nothing is published twice.
    """
    if not reason.strip():
        raise fail("--reason must say something.", 2)
    key, operator = operator_of(key)
    proposal = _asked(lambda pool: proposal_of(pool, number))
    step = _decided(lambda: withdrawal(proposal))
    if step is not None:
        proposal = _taken(proposal, step, operator, why=reason.strip())
    if proposal.state == "withdrawn":
        if form is Format.table:
            console.print(f"Number {number} is withdrawn.")
        else:
            show([_row(proposal)], form)
        return
    decided = proposal.taken("undoing")
    data = {
        "parameter": proposal.data["parameter"],
        "source": SOURCE,
        "id": _serial(number),
        "type": proposal.type,
        "reason": decided.why,
    }
    fact = _fact(VOIDED, f"{_serial(number)}-undone", decided.at, data)
    _publish(proposal, "undone", fact, key, operator, form)


def _data(
    parameter: str, value: str, first: str, document: str, division: str | None, programme: str | None
) -> dict[str, Any]:
    data: dict[str, Any] = {
        "parameter": parameter,
        "value": _plain(value),
        "from": day_of(first).isoformat(),
        "document": document,
    }
    if division is not None or programme is not None:
        scope = {"division_prefix": division, "programme": programme}
        data["scope"] = {name: said for name, said in scope.items() if said is not None}
    return data


def _fact(event_type: str, serial: str, time: datetime, data: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": serial,
        "source": SOURCE,
        "type": event_type,
        "time": time.astimezone(SHANGHAI).isoformat(timespec="seconds"),
        "datacontenttype": "application/json",
        "data": data,
    }


def _serial(number: int) -> str:
    """The id of the fact that a proposal becomes: published again, it is the same fact."""
    return f"proposal-{number}"


def _plain(value: str) -> int | float | str:
    """Return a value as JSON has it: a number where it looks like one."""
    for kind in (int, float):
        try:
            return kind(value)
        except ValueError:
            continue
    return value


def _try_to_hand_over(fact: Mapping[str, Any], key: str, form: Format) -> None:
    """End here where intake would refuse the fact: nothing is decided about what cannot be published."""
    delivered = run(handed_over(fact, key, trial=True))
    if delivered.rejected:
        report(delivered, form, trial=True)
        raise typer.Exit(3)


def _publish(
    proposal: Proposal, step: StepName, fact: Mapping[str, Any], key: str, operator: str, form: Format
) -> None:
    """Hand over what follows from a decision, and put on record that the log has it."""
    delivered = run(handed_over(fact, key))
    if not delivered.accepted and not delivered.repeated:
        report(delivered, form)
        raise typer.Exit(3)
    proposal = _taken(proposal, step, operator, receipt=delivered.receipts[0])
    if form is Format.table:
        report(delivered, form)
    else:
        show([_row(proposal)], form)


def _taken(
    proposal: Proposal, step: StepName, by: str, *, why: str | None = None, receipt: str | None = None
) -> Proposal:
    return _asked(lambda pool: take(pool, proposal, step, by, why=why, receipt=receipt))


def _asked(ask: Callable[[asyncpg.Pool], Awaitable[Result]]) -> Result:
    return _decided(lambda: ask_database(ask))


def _decided(decide: Callable[[], Result]) -> Result:
    try:
        return decide()
    except ProposalError as error:
        raise fail(f"{error}.") from None


def _row(proposal: Proposal) -> dict[str, Any]:
    data, tried = proposal.data, proposal.tried
    record = [{"step": "proposed", "by": proposal.by, "at": proposal.at}, *map(asdict, proposal.steps)]
    return {
        "number": proposal.number,
        "parameter": data["parameter"],
        "value": data["value"],
        "from": data["from"],
        "division_prefix": data.get("scope", {}).get("division_prefix"),
        "programme": data.get("scope", {}).get("programme"),
        "document": data["document"],
        "state": proposal.state,
        "state_said": _STATES[proposal.state],
        "tried": tried,
        "tried_said": _differing([one for result in tried["results"] for one in result["differences"]]),
        "steps": record,
        "scope": _scope(data.get("scope", {})) or "全部",
        "record": "\n".join(map(_said, record)),
    }


def _differing(differences: Sequence[Mapping[str, Any]]) -> str:
    counted = {
        said: sum(one["count"] for one in differences if one["outcome"] == outcome)
        for outcome, said in OUTCOMES.items()
    }
    return "、".join(f"{said}{count:,}" for said, count in counted.items() if count)


def _said(step: Mapping[str, Any]) -> str:
    why = f"：{step['why']}" if step.get("why") else ""
    at = step["at"].astimezone(SHANGHAI)
    return f"{at:%Y-%m-%d %H:%M} {step['by']} {_STEPS[step['step']]}{why}"
