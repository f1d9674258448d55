"""``dibao anomalies | rules | ledger``: what is found, counted, and by which rules."""

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
    heading,
    word,
    words_of,
)
from projections.ledger import Heading
from projections.ledgers import LEDGERS
from services.platform.database import open_pool
from services.reporting import queries
from services.reporting.exports.files import Kind, file_of
from services.reporting.exports.sources import anomaly_listing, ledger_listing
from services.reporting.exports.text import Encoding
from services.reporting.queries import AnomalyFilter, LedgerFilter
from services.reporting.settings import ReportingSettings

Answer = TypeVar("Answer")

VillageOption = Annotated[
    str | None, typer.Option("--village", help="A division code, or its beginning (nine digits: a street).")
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
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return "、".join(column.words.get(item, item) for item in value)
    return column.words.get(value, value) if isinstance(value, str) else value


def headings(columns: Sequence[Heading]) -> list[tuple[str, str]]:
    """Return names and headings of columns, as ``show`` takes them."""
    return [(each.name, each.text) for each in columns]


def anomalies(
    rule: Annotated[str | None, typer.Option(help="A rule's name, as `dibao rules` lists them.")] = None,
    state: Annotated[State, typer.Option(help="Open ones, withdrawn ones, or all.")] = State.open,
    village: VillageOption = None,
    as_of: AsOfOption = None,
    follow: Annotated[bool, typer.Option("--follow", help="Print each announcement as it is made.")] = False,
    limit: LimitOption = None,
    out: OutOption = None,
    encoding: EncodingOption = "utf-8",
    form: FormatOption = Format.table,
) -> None:
    """List anomalies: rule, severity, sentence, evidence."""
    asked_state: Literal["open", "withdrawn"] | None = None if state is State.all else state.value  # type: ignore[assignment]
    asked = question(lambda: AnomalyFilter(rule=rule, state=asked_state, village=village, as_of=as_of))
    if out is not None:
        _refuse_limit(limit)
        kind = file_kind(out, encoding)
        if follow:
            raise fail("--out writes what there is now: leave --follow out.", 2)
        write(out, lambda pool: file_of(anomaly_listing(pool, asked, office()), kind, encoding))
        console.print(f"{ANOMALIES} 写入 {out}")
        return
    if follow:
        answered(lambda pool: _require(pool, rule))
        try:
            run(_follow(rule, village, form))
        except KeyboardInterrupt:
            return
    columns = ("title", "severity", "state", "sentence", "village", "anomaly_id", "revision")
    list_rows(
        lambda pool, after, size: queries.anomalies(pool, replace(asked, after=after, limit=size)),
        limit,
        form,
        listed(columns),
        "预警",
    )


async def _require(pool: asyncpg.Pool, rule: str | None) -> None:
    (await queries.catalogue(pool)).require(rule)


async def _follow(rule: str | None, village: str | None, form: Format) -> None:
    pool = await open_pool(current().settings.database_url, size=3)
    try:
        async for said in queries.follow(queries.Bell(pool)):
            row = said.anomaly
            if rule not in (None, row["rule"]) or not (row.get("village") or "").startswith(village or ""):
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


def rules(form: FormatOption = Format.table) -> None:
    """List the rules: title, name, version, requirements, how many were found, and what policy may set."""
    rows = answered(queries.rules)
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
        }
        for row in rows
    ]
    heads = [
        *(("title", "规则"), ("name", "代号"), ("version", "版本"), ("requirements", "要求")),
        *(("raised", "累计发现"), ("open", "未消除"), ("withdrawn", "已消除")),
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
    until: UntilOption = None,
    as_of: AsOfOption = None,
    limit: LimitOption = None,
    out: OutOption = None,
    encoding: EncodingOption = "utf-8",
    form: FormatOption = Format.table,
) -> None:
    """Print a ledger (台账). Each says which of village, month, household and programme it is asked by."""
    if name not in LEDGERS:
        raise fail(f"There is no ledger {name}; expected one of: {', '.join(LEDGERS)}.", 2)
    asked = question(
        lambda: LedgerFilter(village, month, household, programme, until, as_of),
        lambda filters: queries.check_offered(name, filters),
    )
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


def file_kind(out: Path, encoding: Encoding) -> Kind:
    """Return which file a name asks for, or refuse one that says of no form that it has."""
    kinds: dict[str, Kind] = {".csv": "csv", ".xlsx": "xlsx", ".pdf": "pdf"}
    if out.suffix.lower() not in kinds:
        raise fail(f"{out.name}: let its name end in .xlsx, .pdf or .csv.", 2)
    kind = kinds[out.suffix.lower()]
    if encoding != "utf-8" and kind != "csv":
        raise fail(f"--encoding is of a .csv, and {out.name} is none.", 2)
    return kind


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
