"""``dibao anomalies | rules | ledger | view``: what is found, counted, and by which rules."""

import asyncio
import shutil
import sys
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import IO, Annotated, Any, Literal, TypeVar

import asyncpg
import typer
from rich.markup import escape

from deploy.cli.asked import MOST, day, question
from deploy.cli.database import ask_database
from deploy.cli.output import (
    Format,
    FormatOption,
    console,
    dump,
    errors,
    fail,
    in_a_folder,
    show,
)
from deploy.deployment import current, run
from projections.labels import (
    ANOMALIES,
    PROGRAMMES,
    ROW_COUNT,
    SEVERITIES,
    TOTAL,
    UNKNOWN,
    heading,
    place,
    word,
    words_of,
)
from projections.labels import village as village_named
from projections.ledger import Heading
from projections.ledgers import LEDGERS
from projections.view import LEVELS
from projections.views import VIEWS
from services.platform.database import open_pool
from services.reporting import queries
from services.reporting.exports.files import Kind, file_of
from services.reporting.exports.sources import anomaly_listing, ledger_listing, view_listing
from services.reporting.exports.text import Encoding
from services.reporting.filters import SORTS
from services.reporting.queries import AnomalyFilter, LedgerFilter, ViewFilter
from services.reporting.settings import ReportingSettings

Answer = TypeVar("Answer")

VillageOption = Annotated[
    str | None,
    typer.Option("--village", help="A name or code, or a code's beginning (nine digits: a street)."),
]
UntilOption = Annotated[
    date | None,
    typer.Option("--until", parser=day, metavar="DAY", help="Facts of business date up to this day."),
]
AsOfOption = Annotated[
    date | None,
    typer.Option(
        "--as-of", parser=day, metavar="DAY", help="Only what was recorded by the close of this day."
    ),
]
OutOption = Annotated[
    Path | None,
    typer.Option("--out", callback=in_a_folder, help="Write all of it as a file: .xlsx, .pdf or .csv."),
]
EncodingOption = Annotated[Encoding, typer.Option("--encoding", help="Of a .csv.")]
LimitOption = Annotated[int | None, typer.Option(min=1, max=MOST, help="The maximum number of rows.")]


class State(StrEnum):
    """Which anomalies."""

    open = "open"
    withdrawn = "withdrawn"
    all = "all"


def register(app: typer.Typer) -> None:
    """Hang these commands into the root."""
    app.command("anomalies")(anomalies)
    app.command("rules")(rules)
    app.command("ledger")(ledger)
    app.command("view")(view)


def answered(ask: Callable[[asyncpg.Pool], Awaitable[Answer]]) -> Answer:
    """Return the answer of the projection, or end with a sentence why there is none."""
    try:
        return ask_database(ask, size=2)
    except queries.WrongQuestionError as error:
        raise fail(f"{error}.", 2) from None
    except queries.NotThereError as error:
        raise fail(str(error)) from None


def list_rows(
    ask: Callable[[asyncpg.Pool, str | None, int], Awaitable[queries.Page]],
    limit: int | None,
    form: Format,
    columns: Sequence[Heading] | None,
    title: str,
) -> None:
    """Print rows, page by page as far as the form allows; of a table at most a page unless more is asked."""
    most = limit or (queries.MOST_ROWS if form is Format.table else None)

    async def work(pool: asyncpg.Pool) -> tuple[list[queries.Row], bool]:
        rows: list[queries.Row] = []
        after, count = None, 0
        while True:
            size = queries.MOST_ROWS if most is None else min(most - count, queries.MOST_ROWS)
            page = await ask(pool, after, size)
            count, after = count + len(page.rows), page.next
            if form is Format.ndjson:
                show(page.rows, form)
            else:
                rows += page.rows
            if after is None or count == most:
                return rows, after is not None

    rows, more = answered(work)
    if form is not Format.ndjson:
        columns = columns or listed(rows[0] if rows else ())
        words = rows if form is Format.json else [in_words(row, columns) for row in rows]
        show(words, form, columns=headings(columns), title=title)
    if more:
        errors.print("[dim]还有更多行，请提高 --limit。[/]")


def listed(names: Iterable[str]) -> tuple[Heading, ...]:
    """Return the columns of a list that is no ledger."""
    return tuple(Heading(name, heading(name), words=words_of(name)) for name in names)


def in_words(row: Mapping[str, Any], columns: Sequence[Heading]) -> dict[str, Any]:
    """Return the fields of a row that have columns, codes in words."""
    return {each.name: _in_word(each, row.get(each.name)) for each in columns}


def _in_word(column: Heading, value: Any) -> Any:
    if isinstance(value, str) and column.name in ("village", "area"):
        return village_named(value)
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return "、".join(column.words.get(item, item) for item in value)
    return column.words.get(value, value) if isinstance(value, str) else value


def headings(columns: Sequence[Heading]) -> list[tuple[str, str]]:
    """Return names and headings of columns, as ``show`` takes them."""
    return [(each.name, each.text) for each in columns]


def anomalies(
    rule: Annotated[str | None, typer.Option(help="A rule's name, as `dibao rules` lists them.")] = None,
    state: Annotated[
        State | None, typer.Option(help="Open ones (as without it), withdrawn ones, or all.")
    ] = None,
    severity: Annotated[
        str | None, typer.Option("--severity", help=f"One of: {', '.join(SEVERITIES)}.")
    ] = None,
    village: VillageOption = None,
    household: Annotated[str | None, typer.Option("--household", help="A household's number (户号).")] = None,
    since: Annotated[
        date | None,
        typer.Option(
            "--since", parser=day, metavar="DAY", help="What is new, revised or gone since the close of it."
        ),
    ] = None,
    as_of: AsOfOption = None,
    by: Annotated[
        Literal["rule", "village", "severity", "month"] | None,
        typer.Option("--by", help="How many, and what money, instead of rows."),
    ] = None,
    sort: Annotated[
        str | None,
        typer.Option("--sort", help=f"One of: {', '.join(SORTS)}; with - before it the largest first."),
    ] = None,
    follow: Annotated[bool, typer.Option("--follow", help="Print each announcement as it is made.")] = False,
    limit: LimitOption = None,
    out: OutOption = None,
    encoding: EncodingOption = "utf-8",
    form: FormatOption = Format.table,
) -> None:
    """List anomalies: rule, severity, sentence, evidence."""
    state = state or (State.open if since is None else State.all)
    asked_state: Literal["open", "withdrawn"] | None = None if state is State.all else state.value  # type: ignore[assignment]
    asked = question(lambda: AnomalyFilter(rule, asked_state, severity, village, household, as_of, sort=sort))
    if by is not None:
        sums, catalogue = answered(lambda pool: _anomaly_sums(pool, asked, by))
        titles = {rule.name: rule.title for rule in catalogue.latest} if by == "rule" else words_of(by)
        amount = Heading(queries.AMOUNT, heading(queries.AMOUNT))
        _print_sums(sums, Heading("group", heading(by), words=titles), (amount,), form, ANOMALIES)
        return
    if out is not None:
        _refuse_limit(limit)
        kind = file_kind(out, encoding)
        if follow:
            raise fail("--out writes what there is now: leave --follow out.", 2)
        write(out, lambda pool: file_of(anomaly_listing(pool, asked, office()), kind, encoding))
        console.print(f"{ANOMALIES} 写入 {out}")
        return
    if follow:
        if since is not None or sort is not None:
            raise fail("--follow prints what is announced from now on: leave --since and --sort out.", 2)
        answered(lambda pool: _require(pool, rule))
        try:
            run(_follow(asked, form))
        except KeyboardInterrupt:
            return
    columns = ("title", "severity", "state", "sentence", "village", "anomaly_id", "revision")
    if since is not None:
        day_before = since
        list_rows(
            lambda pool, after, size: queries.changes(
                pool, day_before, replace(asked, after=after, limit=size)
            ),
            limit,
            form,
            listed(("verb", *columns, "then_severity", "then_sentence")),
            f"{since}以来的预警变化",
        )
        return
    list_rows(
        lambda pool, after, size: queries.anomalies(pool, replace(asked, after=after, limit=size)),
        limit,
        form,
        listed(columns),
        "预警",
    )


async def _anomaly_sums(
    pool: asyncpg.Pool, asked: AnomalyFilter, by: str
) -> tuple[queries.Sums, queries.Catalogue]:
    found = await queries.anomaly_sums(pool, asked, by)
    assert found is not None
    return found, await queries.catalogue(pool, asked.as_of)


async def _require(pool: asyncpg.Pool, rule: str | None) -> None:
    (await queries.catalogue(pool)).require(rule)


async def _follow(asked: AnomalyFilter, form: Format) -> None:
    looked_for = {"rule": asked.rule, "severity": asked.severity, "household_no": asked.household_no}
    pool = await open_pool(current().settings.database_url, size=3)
    try:
        async for said in queries.follow(queries.Bell(pool)):
            row = said.anomaly
            if any(wanted not in (None, row.get(name)) for name, wanted in looked_for.items()):
                continue
            if not (row.get("village") or "").startswith(asked.village or ""):
                continue
            if form is Format.table:
                sentence = escape(row["sentence"])
                console.print(
                    f"{word('verb', said.verb)} [{word('severity', row['severity'])}] {sentence} "
                    f"[dim]{row['anomaly_id']}[/]",
                    soft_wrap=True,
                )
            else:
                sys.stdout.write(dump({"verb": said.verb, **row}) + "\n")
                sys.stdout.flush()
    except asyncio.CancelledError:
        return
    finally:
        await pool.close()


def rules(until: UntilOption = None, as_of: AsOfOption = None, form: FormatOption = Format.table) -> None:
    """List the rules: title, name, version, requirements, how many were found, and what policy may set.

    Of what they found: how many anomalies were looked into and confirmed, or refuted (by --until), and the
    confirmed in percent of both.
    """
    rows = answered(lambda pool: queries.rules(pool, until, as_of))
    if form is not Format.table:
        show(rows, form)
        return
    shown = [
        {
            **row,
            "requirements": " ".join(row["requirements"]),
            "parameters": "\n".join(
                f"{one['name']} = {one['default']} {one['unit']} ({one['source']})"
                for one in row["parameters"]
            ),
            "precision": "" if row["precision"] is None else f"{row['precision']}%",
        }
        for row in rows
    ]
    heads = [
        *(("title", "规则"), ("name", "代号"), ("version", "版本"), ("requirements", "要求")),
        *(("raised", "累计发现"), ("open", "未消除"), ("withdrawn", "已消除")),
        *(("confirmed", "核查属实"), ("refuted", "核查不属实"), ("precision", "准确率")),
        ("parameters", "参数 = 默认值 单位 (依据)"),
    ]
    show(shown, form, columns=heads, title="规则目录")


def _defaults(parameter: Mapping[str, Any]) -> str:
    dated = (f"，{first}起 {value}" for first, value in parameter.get("dated") or ())
    return "".join((str(parameter["default"]), *dated))


def ledger(
    name: Annotated[
        str, typer.Argument(help="One of: " + ", ".join(LEDGERS), autocompletion=lambda: list(LEDGERS))
    ],
    village: VillageOption = None,
    month: Annotated[str | None, typer.Option(help="A month such as 2021-06.")] = None,
    household: Annotated[str | None, typer.Option(help="One household's rows (户号).")] = None,
    programme: Annotated[str | None, typer.Option(help="One of: " + ", ".join(PROGRAMMES))] = None,
    token: Annotated[
        str | None, typer.Option(help="Rows that name a person (p.…) or an account (a.…).")
    ] = None,
    status: Annotated[str | None, typer.Option(help="Rows of one state, by its code.")] = None,
    until: UntilOption = None,
    as_of: AsOfOption = None,
    by: Annotated[
        str | None,
        typer.Option("--by", help="Sums instead of rows: by village, street, month, or a column of codes."),
    ] = None,
    sort: Annotated[
        str | None, typer.Option("--sort", help="A column's name; with - before it the largest first.")
    ] = None,
    limit: LimitOption = None,
    out: OutOption = None,
    encoding: EncodingOption = "utf-8",
    form: FormatOption = Format.table,
) -> None:
    """Print a ledger (台账). Each says which of village, month, household and programme it is asked by."""
    if name not in LEDGERS:
        raise fail(f"There is no ledger {name}; expected one of: {', '.join(LEDGERS)}.", 2)
    asked = question(
        lambda: LedgerFilter(
            village, month, household, programme, until, as_of, sort=sort, token=token, status=status
        ),
        lambda filters: queries.check_offered(name, filters),
    )
    if by is not None:
        sums = answered(lambda pool: queries.ledger_sums(pool, name, asked, by))
        assert sums is not None
        declared = LEDGERS[name]
        words = next((column.words for column in declared.columns if column.name == by), {})
        group = Heading("group", declared.groups[by][0], words=words)
        _print_sums(sums, group, declared.summed, form, declared.title)
        return
    if out is not None:
        _refuse_limit(limit)
        kind = file_kind(out, encoding)
        write(out, lambda pool: file_of(ledger_listing(pool, name, asked, office()), kind, encoding))
        console.print(f"{LEDGERS[name].title} 写入 {out}")
        return
    list_rows(
        lambda pool, after, size: queries.ledger(pool, name, replace(asked, after=after, limit=size)),
        limit,
        form,
        LEDGERS[name].listed,
        LEDGERS[name].title,
    )


def _print_sums(
    sums: queries.Sums, group: Heading, summed: Sequence[Heading], form: Format, title: str
) -> None:
    """Print totals by group, and of all; places by their names."""
    if form is not Format.table:
        show([*sums.groups, {"group": None, **sums.total, "total": True}], form)
        return
    columns = (group, Heading(queries.ROWS, ROW_COUNT), *summed)

    def said(value: Any) -> Any:
        text = group.words.get(value, value)
        return place(text) if isinstance(text, str) and text.isdecimal() and len(text) in (9, 12) else text

    rows = [{**row, "group": said(row["group"]) or UNKNOWN} for row in sums.groups]
    numbers = [column.name for column in columns[1:]]
    total = {"group": TOTAL, **sums.total}
    show([*rows, total], form, columns=headings(columns), title=title, numbers=numbers)


def file_kind(out: Path, encoding: Encoding) -> Kind:
    """Return which file a name asks for, or refuse one that says of no form that it has."""
    kinds: dict[str, Kind] = {".csv": "csv", ".xlsx": "xlsx", ".pdf": "pdf"}
    if out.suffix.lower() not in kinds:
        raise fail(f"{out.name}: let its name end in .xlsx, .pdf or .csv.", 2)
    kind = kinds[out.suffix.lower()]
    if encoding != "utf-8" and kind != "csv":
        raise fail(f"--encoding is of a .csv, and {out.name} is none.", 2)
    return kind


def view(
    name: Annotated[
        str, typer.Argument(help="One of: " + ", ".join(VIEWS), autocompletion=lambda: list(VIEWS))
    ],
    by: Annotated[str | None, typer.Option(help="A row for each: " + ", ".join(LEVELS))] = None,
    month: Annotated[str | None, typer.Option(help="The period: a month such as 2021-06.")] = None,
    quarter: Annotated[str | None, typer.Option(help="The period: a quarter such as 2021Q2.")] = None,
    since: Annotated[
        date | None,
        typer.Option("--since", parser=day, metavar="DAY", help="The period: from this day to --until."),
    ] = None,
    village: VillageOption = None,
    household: Annotated[str | None, typer.Option(help="One household's rows (户号).")] = None,
    state: Annotated[str | None, typer.Option(help="Rows of one state.")] = None,
    until: UntilOption = None,
    as_of: AsOfOption = None,
    limit: LimitOption = None,
    out: OutOption = None,
    encoding: EncodingOption = "utf-8",
    form: FormatOption = Format.table,
) -> None:
    """Print a supervision view (监督视图): what leaders look at, by area, or what is due."""
    if name not in VIEWS:
        raise fail(f"There is no view {name}; expected one of: {', '.join(VIEWS)}.", 2)
    asked = question(
        lambda: ViewFilter(by, month, quarter, since, until, village, household, state, as_of),
        lambda filters: queries.check_view(name, filters),
    )
    declared = VIEWS[name]
    if out is not None:
        _refuse_limit(limit)
        kind = file_kind(out, encoding)
        write(out, lambda pool: file_of(view_listing(pool, name, asked, office()), kind, encoding))
        console.print(f"{declared.title} 写入 {out}")
        return
    list_rows(
        lambda pool, after, size: queries.view(pool, name, replace(asked, after=after, limit=size)),
        limit,
        form,
        declared.listed,
        declared.title,
    )
    if form is Format.table:
        console.print(f"[dim]{declared.about}[/]", soft_wrap=True)


def _refuse_limit(limit: int | None) -> None:
    if limit is not None:
        raise fail("--out writes all rows: leave --limit out.", 2)


def write(out: Path, ask: Callable[[asyncpg.Pool], Awaitable[IO[bytes]]]) -> None:
    """Write the file that is answered; nothing is written where it is refused."""
    with answered(ask) as file, out.open("wb") as into:
        shutil.copyfileobj(file, into)


def office() -> str:
    """Return who reports, as files show it (DIBAO_OFFICE)."""
    return ReportingSettings().office
