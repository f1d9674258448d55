"""``dibao annex2``: the form as of a day, and quarters of it that were reported."""

import sys
from dataclasses import asdict
from enum import StrEnum
from functools import partial
from typing import Annotated, Any

import typer

from deploy.checkpoints import checkpoints_of
from deploy.cli.asked import question
from deploy.cli.journal import KeyOption, key_of
from deploy.cli.output import Format, FormatOption, console, dump, fail, plain, show
from deploy.cli.reading import (
    AsOfOption,
    EncodingOption,
    LimitOption,
    OutOption,
    UntilOption,
    answered,
    file_kind,
    headings,
    in_words,
    list_rows,
    listed,
    office,
    write,
)
from deploy.deployment import current
from projections.annex2.form import form as annex2_form
from projections.labels import HAPPENED, NOT_CONNECTED, PROGRAMMES, TOTAL, UNKNOWN_AREA, WHY, place, word
from services.journal.tree import JournalError
from services.platform.keys import KeyFileError
from services.reporting import queries
from services.reporting.exports.annex2_files import annex2_file
from services.reporting.quarterly.keeping import compare as compared
from services.reporting.quarterly.keeping import freeze as freeze_quarter
from services.reporting.quarterly.keeping import frozen as frozen_quarter
from services.reporting.quarterly.keeping import summaries
from services.reporting.quarterly.quarters import (
    AlteredError,
    Change,
    Comparison,
    FreezeError,
    code_of,
    remark,
    which,
)
from services.reporting.quarterly.routes import comparison, document

app = typer.Typer(invoke_without_command=True)

ProgrammeOption = Annotated[str, typer.Option(help="One of: " + ", ".join(PROGRAMMES))]
CellOption = Annotated[str | None, typer.Option(help="One column, such as A1c, A1cp, C2a.")]


class By(StrEnum):
    """Rows of Annex 2."""

    village = "village"
    street = "street"


def register(root: typer.Typer) -> None:
    """Hang this group into the root."""
    root.add_typer(app, name="annex2")


@app.callback()
def annex2(
    context: typer.Context,
    until: UntilOption = None,
    as_of: AsOfOption = None,
    programme: Annotated[str, typer.Option(help="One of: " + ", ".join(PROGRAMMES))] = "rural_dibao",
    by: Annotated[By | None, typer.Option("--by", help="A row for every village, or street.")] = None,
    cell: Annotated[str | None, typer.Option(help="One column, such as A1c, A1cp, C2a.")] = None,
    rows: Annotated[bool, typer.Option("--rows", help="With --cell: the facts that make it.")] = False,
    limit: LimitOption = None,
    out: OutOption = None,
    encoding: EncodingOption = "utf-8",
    form: FormatOption = Format.table,
) -> None:
    """Fill Annex 2 (附件2) of the 2021 campaign; columns that nothing feeds yet say 未接入."""
    if context.invoked_subcommand is not None:
        given = [name for name in context.params if _was_said(context, name)]
        if given:
            sub, name = context.invoked_subcommand, given[0].replace("_", "-")
            raise fail(f"--{name} stands before {sub}: what is asked of {sub} stands after it.", 2)
        return
    if until is None:
        raise fail("Up to which day? Say --until 2021-12-31, or what else is asked (--help).", 2)
    if programme not in PROGRAMMES:
        raise fail(f"There is no programme {programme}; expected one of: {', '.join(PROGRAMMES)}.", 2)
    if rows and cell is None:
        raise fail("--rows needs --cell, such as --cell A1c.", 2)
    kind = file_kind(out, encoding) if out is not None else None
    try:
        if cell is not None and rows:
            code = cell
            list_rows(
                lambda pool, after, size: queries.annex2_cell(
                    pool, code, until, as_of, programme, after=after, limit=size
                ),
                limit,
                form,
                None,
                code,
            )
            return
        filled = answered(
            lambda pool: queries.annex2(pool, until, as_of, programme, by.value if by is not None else None)
        )
    except queries.UnknownCellError:
        raise fail(f"Annex 2 has no column {cell}, or nothing feeds it yet (未接入).", 2) from None
    if out is not None and kind is not None:
        write(out, lambda _: annex2_file(filled, kind, office(), encoding))
        console.print(f"附件2 写入 {out}")
        return
    if cell is not None:
        codes = [code for code in (cell, f"{cell}h", f"{cell}p") if code in filled.total]
        if not codes:
            raise fail(f"Annex 2 has no column {cell}.", 2)
        show([{code: filled.total[code] for code in codes}], form)
        return
    print_annex2(filled, form)


def print_annex2(filled: queries.Annex2, form: Format) -> None:
    """Print a filled form: every column a line for people, one object for programs."""
    if form is not Format.table:
        whole = {
            "until": filled.until,
            "as_of": filled.as_of,
            "programme": filled.programme,
            "cells": filled.total,
            "rows": [{"area": area, "cells": cells} for area, cells in filled.rows],
            "checks": [
                {"lhs": item.check.lhs, "rhs": item.check.rhs, "kind": item.check.kind,
                 "holds": item.holds, "residual": item.residual}
                for item in filled.checks
            ],
        }  # fmt: skip
        _dump(whole, form)
        return
    title = f"{annex2_form().title}({word('programme', filled.programme)},截至 {filled.until})"
    areas = [(TOTAL, filled.total), *((area or UNKNOWN_AREA, found) for area, found in filled.rows)]
    lines = [
        {
            "code": column.code,
            "name": ("  其中: " if column.parent else "") + column.name,
            "unit": column.unit,
            **{
                area: NOT_CONNECTED if found[column.code] is None else str(found[column.code])
                for area, found in areas
            },
        }
        for column in annex2_form().columns
    ]
    heads = [("code", "栏"), ("name", "项目"), ("unit", "单位"), *((area, area) for area, _ in areas)]
    show(lines, form, columns=heads, title=title, numbers=[area for area, _ in areas])
    for item in filled.checks:
        if item.holds is None:
            continue
        verdict = f"[green]{item.verdict}[/]" if item.holds else item.verdict
        console.print(f"  {item.check}  {verdict}")


@app.command()
def freeze(
    quarter: Annotated[str, typer.Argument(help="A quarter that is over, such as 2021Q3.")],
    prepared_by: Annotated[str, typer.Option("--prepared-by", help="Who prepared it (编制人).")],
    checked_by: Annotated[str, typer.Option("--checked-by", help="Who checked it: somebody else (审核人).")],
    programme: ProgrammeOption = "rural_dibao",
    as_of: AsOfOption = None,
    because: Annotated[
        str | None, typer.Option("--because", help="Why it is stated anew, where it was frozen before.")
    ] = None,
    without: Annotated[
        bool, typer.Option("--without-journal", help="Name no checkpoints of the journal (DIBAO_JOURNAL).")
    ] = False,
    journal_key: KeyOption = None,
    form: FormatOption = Format.table,
) -> None:
    """Keep a quarter of the form for ever, as it is reported: cells, the facts behind them, the log's ends.

    It names the journal's checkpoints, so that what it counted can be proved, and nothing slipped under it.

    By default with what was recorded by the close of the latest closed day. What is kept is never changed: a
    quarter that is frozen again is a restatement with the next number, and a reason.
    """
    asked = question(lambda: which(quarter))
    if asked.number is not None:
        raise fail(f"A restatement takes its number by itself: say {asked.quarter}.", 2)
    _require(programme)
    try:
        witnessed = None if without else partial(checkpoints_of, current().settings, key_of(journal_key))
        found = answered(
            lambda pool: freeze_quarter(
                pool,
                asked.quarter,
                programme,
                prepared_by,
                checked_by,
                as_of=as_of,
                because=because,
                checkpoints=witnessed,
            )
        )
    except FreezeError as error:
        raise fail(str(error)) from None
    except (JournalError, KeyFileError) as error:
        raise fail(f"{error}. Without the journal's word: --without-journal.") from None
    if form is not Format.table:
        _dump(document(found), form)
        return
    facts = sum(len(items) for items in found.items.values())
    console.print(f"{found.name} 已定稿：{remark(found)}；明细 {facts} 条", soft_wrap=True)


@app.command()
def frozen(
    quarter: Annotated[
        str | None, typer.Argument(help="A quarter such as 2021Q3, or a restatement of it: 2021Q3.2.")
    ] = None,
    programme: ProgrammeOption = "rural_dibao",
    cell: CellOption = None,
    out: OutOption = None,
    encoding: EncodingOption = "utf-8",
    form: FormatOption = Format.table,
) -> None:
    """List the quarters that were frozen; of one, print the form as it was reported, or a cell's facts."""
    _require(programme)
    if quarter is None:
        if cell is not None or out is not None:
            raise fail("Of which quarter? Say one, such as 2021Q3.", 2)
        rows = answered(summaries)
        named = [{**row, "programme": word("programme", row["programme"])} for row in rows]
        show(named if form is Format.table else rows, form, columns=_SUMMARY, title="附件2 季度定稿")
        return
    asked = question(lambda: which(quarter))
    kind = file_kind(out, encoding) if out is not None else None
    try:
        found = answered(lambda pool: frozen_quarter(pool, asked, programme))
    except AlteredError as error:
        raise fail(str(error)) from None
    if out is not None and kind is not None:
        write(out, lambda _: annex2_file(found.filled, kind, office(), encoding, remark(found)))
        console.print(f"附件2 {found.name} 写入 {out}")
        return
    if cell is not None:
        code = code_of(cell, found.side)
        if code is None:
            raise fail(f"{found.name} has no facts of a column {cell}.", 2)
        _print_items([asdict(item) for item in found.items[code]], form, f"{found.name} {code}")
        return
    if form is not Format.table:
        _dump(document(found), form)
        return
    print_annex2(found.filled, form)
    console.print(remark(found), soft_wrap=True)


@app.command()
def compare(
    old: Annotated[str, typer.Argument(help="A quarter such as 2021Q2, or a restatement of it: 2021Q2.2.")],
    new: Annotated[str, typer.Argument(help="Likewise; or now: the old one's, with all that is recorded.")],
    programme: ProgrammeOption = "rural_dibao",
    cell: CellOption = None,
    form: FormatOption = Format.table,
) -> None:
    """Compare two quarters, or two states of one: every cell; with --cell the facts that came and went."""
    _require(programme)
    try:
        found = answered(lambda pool: compared(pool, old, new, programme, cell))
    except queries.UnknownCellError:
        raise fail(f"Annex 2 has no column {cell}, or nothing feeds it yet (未接入).", 2) from None
    except AlteredError as error:
        raise fail(str(error)) from None
    if form is not Format.table:
        _dump(comparison(found), form)
        return
    print_comparison(found)


def print_comparison(found: Comparison) -> None:
    """Print how two quarters differ, cell by cell; of one cell also what came and went."""
    names = {column.code: column for column in annex2_form().columns}
    cells = [
        {
            "code": each.code,
            "name": names[each.code].name if each.code in names else "",
            "unit": names[each.code].unit if each.code in names else "",
            "old": _count(each.old),
            "new": _count(each.new),
            "change": "" if each.change is None else f"{each.change:+d}" if each.change else "0",
        }
        for each in found.cells
        if found.cell in (None, each.code)
    ]
    heads = [
        *(("code", "栏"), ("name", "项目"), ("unit", "单位")),
        *(("old", found.old), ("new", found.new), ("change", "差额")),
    ]
    title = f"附件2 {found.old} → {found.new}（{word('programme', found.programme)}）"
    show(cells, Format.table, columns=heads, title=title, numbers=["old", "new", "change"])
    if found.cell is not None:
        show(
            [_change(each) for each in found.changes],
            Format.table,
            columns=_CHANGES,
            title=f"{found.cell} 变动",
        )


_SUMMARY = [
    *(("quarter", "季度"), ("number", "次"), ("programme", "救助类别"), ("until", "截至"), ("as_of", "日结")),
    *(("prepared_by", "编制"), ("checked_by", "审核"), ("because", "重报原因"), ("frozen_at", "定稿时间")),
]
_CHANGES = [
    *(("happened", "变动"), ("adds", "计入"), ("why", "原因"), ("business_date", "业务日期")),
    *(("household_no", "户号"), ("number", "编号"), ("village", "村(社区)"), ("serial", "流水号")),
    *(("event_id", "事实编号"), ("void", "作废事实")),
]
_ITEMS = (
    *("business_date", "type", "household_no", "person_id", "number", "village", "month", "counted"),
    *("source", "serial", "event_id"),
)


def _change(change: Change) -> dict[str, Any]:
    item = change.item
    return {
        "happened": HAPPENED[change.happened],
        "adds": f"{change.adds:+d}",
        "why": WHY[change.why],
        "business_date": item.business_date,
        "household_no": item.household_no,
        "number": item.number,
        "village": place(item.village) if item.village else None,
        "serial": item.serial,
        "event_id": item.event_id,
        "void": change.void,
    }


def _print_items(rows: list[dict[str, Any]], form: Format, title: str) -> None:
    if form is not Format.table:
        show(rows, form)
        return
    columns = listed(_ITEMS)
    show([in_words(row, columns) for row in rows], form, columns=headings(columns), title=title)


def _was_said(context: typer.Context, name: str) -> bool:
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


def _count(count: int | None) -> str:
    return NOT_CONNECTED if count is None else str(count)


def _dump(whole: dict[str, Any], form: Format) -> None:
    sys.stdout.write(dump(plain(whole), indent=1 if form is Format.json else None) + "\n")


def _require(programme: str) -> None:
    question(lambda: queries.check_programme(programme))
