"""``dibao erase``: the key of one person's values destroyed, by the word of two people."""

import re
from typing import Annotated

import typer
from aiokafka.errors import KafkaError

from deploy.cli.database import OperatorOption, ask_database, operator_of
from deploy.cli.openings import opener
from deploy.cli.output import Format, FormatOption, console, fail, show
from deploy.deployment import current, run
from services.platform import erasures
from services.platform.erasures import ErasureError
from services.reporting.related import Related, related_to

app = typer.Typer(help="Values of a person that nobody shall read any more.", no_args_is_help=True)

_SUBJECT = re.compile(r"[pa]\.\S+|\S+_no:\S+|dead-letters:\d{4}-\d\d-\d\d(\.\d+)?")


def register(root: typer.Typer) -> None:
    """Hang this group into the root."""
    root.add_typer(app, name="erase")


@app.command("propose")
def propose(
    tokens: Annotated[
        list[str],
        typer.Argument(help="Whose values: p.…, a.…, household_no:…, or dead-letters:2021-06-28."),
    ],
    reason: Annotated[str, typer.Option(help="Why; kept for ever, so name nobody.")],
    key: OperatorOption = None,
) -> None:
    """Propose whose values nobody shall read any more. Another operator confirms it; then they are gone."""
    if not reason.strip():
        raise fail("--reason must say something.", 2)
    for token in tokens:
        if not _SUBJECT.fullmatch(token):
            raise fail(f"{token} is none of p.…, a.…, household_no:…, dead-letters:2021-06-28.", 2)
    _, operator = operator_of(key)
    number = ask_database(lambda pool: erasures.propose(pool, tokens, why=reason.strip(), by=operator))
    console.print(
        f"Number {number} is proposed by {operator}. Another operator confirms it: "
        f"`dibao erase confirm {number}`.",
        soft_wrap=True,
    )
    found = [one for one in run(_related(tokens)) if one.subject not in tokens]
    if found:
        console.print("Not in it, and perhaps about the same person:")
    for one in found:
        console.print(f"  {one.subject}  {one.why}", markup=False, soft_wrap=True)


@app.command("related")
def related(token: str, form: FormatOption = Format.table) -> None:
    """List under what else values of a person may be sealed: accounts in their name, households' texts."""
    rows = [{"subject": one.subject, "why": one.why} for one in run(_related([token]))]
    show(rows, form, columns=[("subject", "对象"), ("why", "为何")], title=token)


@app.command("confirm")
def confirm(
    number: Annotated[int, typer.Argument(min=1, help="The number of what was proposed.")],
    key: OperatorOption = None,
) -> None:
    """Agree as a second operator: the keys are destroyed, for ever, and in every backup that is put back.

    Where this was interrupted, confirm again.
    """
    _, operator = operator_of(key)

    async def work() -> list[str]:
        async with opener(f"erasure {number}") as opening:
            return await erasures.carry_out(current().settings, opening, number, by=operator)

    try:
        gone = run(work())
    except ErasureError as error:
        raise fail(f"{error}.") from None
    except (KafkaError, OSError, TimeoutError) as error:
        raise fail(
            f"Kafka must note it first, and does not: {type(error).__name__}. Confirm again."
        ) from None
    if not gone:
        raise fail("Nothing is sealed under it: it was erased before, or never was.")
    console.print(
        f"What was sealed under {', '.join(gone)} cannot be read any more; services forget it within a "
        "minute.\nIntake topics keep what they took for hours, dead letters for eight weeks "
        "(docs/operations/erasure.md).",
        soft_wrap=True,
    )


@app.command("list")
def list_all(form: FormatOption = Format.table) -> None:
    """List what was proposed and erased, by whom, and why."""
    rows = [
        {
            "number": one.number,
            "subjects": one.subjects,
            "why": one.why,
            "proposed_by": one.proposed_by,
            "proposed_at": one.proposed_at,
            "confirmed_by": one.confirmed_by,
            "confirmed_at": one.confirmed_at,
            "erased_at": one.erased_at,
        }
        for one in ask_database(erasures.erasures)
    ]
    columns = [
        ("number", "编号"),
        ("subjects", "对象"),
        ("why", "事由"),
        ("proposed_by", "提出人"),
        ("proposed_at", "提出时间"),
        ("confirmed_by", "复核人"),
        ("erased_at", "删除时间"),
    ]
    show(rows, form, columns=columns, title="删除记录")


async def _related(tokens: list[str]) -> list[Related]:
    async with opener("related") as opening:
        found = [await related_to(current().settings, opening.pool, token) for token in tokens]
    return list(dict.fromkeys(one for each in found for one in each))
