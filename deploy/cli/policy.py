"""``dibao policy list | adopt``: the parameters of the rules, what holds and since when, and stating one."""

from datetime import datetime
from typing import Annotated, Any
from uuid import uuid4

import typer

from deploy.cli.asked import day as day_of
from deploy.cli.database import ask_database
from deploy.cli.output import Format, FormatOption, fail, show
from deploy.cli.publishing import state
from events.values import SHANGHAI
from services.reporting import queries

ADOPTED = "dibao.policy.adopted.v1"
SOURCE = "/dibao/policy"

app = typer.Typer(no_args_is_help=True, help="The parameters of the rules.")

DivisionOption = Annotated[str | None, typer.Option(help="A division code, or the beginning of one.")]
ProgrammeOption = Annotated[str | None, typer.Option(help="rural_dibao, urban_dibao or tekun.")]


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
    """Show every parameter that a rule reads: its value on a day, since when, by which document."""
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
        ("parameter", "参数"),
        ("value", "现行值"),
        ("unit", "单位"),
        ("from", "执行日期"),
        ("document", "依据文件"),
        ("scope", "适用范围"),
        ("default", "默认值"),
        ("source", "默认值依据"),
        ("rules", "使用的规则"),
    ]
    show([_shown(row) for row in rows], form, columns=heads, title=f"{day}的政策参数")


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    scope = " ".join(filter(None, (row["division_prefix"], row["programme"])))
    return {
        **row,
        "scope": scope or ("全部" if row["document"] else ""),
        "document": row["document"] or "（默认值）",
        "rules": "\n".join(row["rules"]),
    }


@app.command("adopt")
def adopt(
    parameter: Annotated[str, typer.Argument(help="A parameter, as `dibao policy list` names them.")],
    value: Annotated[str, typer.Argument(help="A number, or a text where the parameter is one.")],
    first: Annotated[str, typer.Option("--from", help="The first day on which it holds.")],
    document: Annotated[str, typer.Option(help="The document that says so.")],
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
    scope = {"division_prefix": division, "programme": programme}
    data: dict[str, Any] = {
        "parameter": parameter,
        "value": _plain(value),
        "from": day_of(first).isoformat(),
        "document": document,
    }
    if division is not None or programme is not None:
        data["scope"] = {name: said for name, said in scope.items() if said is not None}
    fact = {
        "specversion": "1.0",
        "id": str(uuid4()),
        "source": SOURCE,
        "type": ADOPTED,
        "time": datetime.now(SHANGHAI).isoformat(timespec="seconds"),
        "datacontenttype": "application/json",
        "data": data,
    }
    state(fact, key, form, trial=dry_run)


def _plain(value: str) -> int | float | str:
    """Return a value as JSON has it: a number where it looks like one."""
    for kind in (int, float):
        try:
            return kind(value)
        except ValueError:
            continue
    return value
