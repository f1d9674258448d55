"""``dibao demo``: four years of an invented street, from the offices' files to the Annex-2 form."""

import asyncio
import contextlib
import json
import signal
import time
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import asyncpg
import typer
from rich.markup import escape
from rich.table import Table

from deploy.checkpoints import checkpoints_of
from deploy.cli.annex2 import print_annex2, print_comparison
from deploy.cli.comparison import Compared, compare
from deploy.cli.journal import key_of
from deploy.cli.output import Format, console, fail, show
from deploy.cli.progress import progress, wait_until_done
from deploy.cli.publisher import Delivered, Handed, Publisher, publisher
from deploy.cli.reading import headings, in_words
from deploy.cli.running import launch
from deploy.cli.telling import Bar, say, telling
from deploy.deployment import PROCESSES, Deployment, current, operator_file, run
from deploy.local import StackError, StackSettings, down, status
from deploy.local.settings import LOCAL
from projections.labels import NOT_CONNECTED
from projections.ledgers import LEDGERS
from projections.views import VIEWS
from services.closer.closing import Closer
from services.detection.rules import BY_NAME as DETECTED
from services.platform.database import open_pool
from services.platform.identity import Identity
from services.platform.keys import Keys
from services.platform.settings import Settings
from services.reporting import queries
from services.reporting.exports.annex2_excel import annex2_workbook
from services.reporting.quarterly.keeping import compare as compare_quarters
from services.reporting.quarterly.keeping import freeze, summaries
from services.reporting.quarterly.quarters import Quarter, which
from services.reporting.queries import AnomalyFilter
from services.simulator import Settings as Street
from services.simulator import World
from services.simulator.facts import line
from services.simulator.files import HTTP, content, form_of
from services.simulator.offices import Form

OUT = LOCAL / "demo"

_PATIENCE_SECONDS = 600.0
_FILES_AT_A_TIME = 8
_LEDGERS, _ROWS = 10, 10
"""How many ledgers are shown, and how many rows of each."""
_PROGRAMME = "rural_dibao"


def register(app: typer.Typer) -> None:
    """Hang this command into the root."""
    app.command("demo")(demo)


@dataclass
class Course:
    """How the demonstration went: times in seconds since the first fact was handed over."""

    facts: int = 0
    days: int = 0
    published: float = 0.0
    caught_up: dict[str, float] = field(default_factory=dict)


def demo(
    households: Annotated[
        int,
        typer.Option(
            min=1,
            help="How many households there are; more than 1,200 are several streets. All of them, and a "
            "month of their facts, are kept in memory.",
        ),
    ] = 1200,
    first: Annotated[str, typer.Option("--from", help="First month, such as 2018-01.")] = "2018-01",
    last: Annotated[str, typer.Option("--to", help="Last month, such as 2021-12.")] = "2021-12",
    seed: Annotated[int, typer.Option(help="The same seed gives the same street.")] = 1,
    leave: Annotated[bool, typer.Option("--exit", help="Stop everything at the end.")] = False,
) -> None:
    """Start everything, live four years of an invented street through, and show what comes out."""
    try:
        street = Street(households=households, first=first, last=last, seed=seed)
    except ValueError as error:
        raise fail(f"{error}.", 2) from None
    if any(process.running for process in status(StackSettings.from_environment())):
        raise fail(
            "A stack of this checkout is running already (a demo, or `dibao up`): look at it with "
            "`dibao status`, or stop it with `dibao down`."
        )
    began = time.monotonic()
    say(f"dibao demo: starting Kafka, PostgreSQL and {len(PROCESSES)} processes of its own")
    try:
        launch()
        good = run(_demonstrate(street))
        console.print(f"\nThe demonstration took {time.monotonic() - began:.0f} s.")
        if not leave:
            console.print("It stays up; Ctrl-C stops it, and the data are kept for the next time.")
            with contextlib.suppress(KeyboardInterrupt):
                signal.pause()
    except KeyboardInterrupt:
        good = False
    finally:
        with telling() as tell:
            down(StackSettings.from_environment(), say=tell)
    if not good:
        raise typer.Exit(1)


async def _demonstrate(street: Street) -> bool:
    deployment = current()
    pool = await open_pool(deployment.settings.database_url, size=4)
    try:
        await _refuse_other_facts(deployment, pool, street)
        world = World(street)
        delivered, course = await _live_through(deployment, pool, world)
        labels = world.document()
        (OUT / "labels.json").write_text(json.dumps(labels, ensure_ascii=False, indent=1), encoding="utf-8")
        _tell_delivery(delivered, course, labels)
        compared = await _tell_anomalies(deployment, pool, labels)
        await _tell_ledgers(pool)
        await _tell_views(pool)
        await _tell_annex2(pool, street.as_of)
        await _tell_quarters(deployment.settings, pool, street.as_of)
        most = max(compared, key=lambda one: one.found or 0)
        await _tell_where_next(deployment, pool, street.as_of, most.rule)
        return all(one.same for one in compared) and delivered.rejected == 0
    finally:
        await pool.close()


async def _refuse_other_facts(deployment: Deployment, pool: asyncpg.Pool, street: Street) -> None:
    """A second demo goes on with its own data (all repeated), never with another street's."""
    OUT.mkdir(parents=True, exist_ok=True, mode=0o700)
    note = OUT / "street.json"
    mine = json.dumps(
        {"households": street.households, "from": street.first, "to": street.last, "seed": street.seed}
    )
    found = await progress(deployment.settings, pool)
    if found.recorded and (not note.exists() or note.read_text() != mine):
        raise StackError(
            "This stack already holds other facts, so the anomalies could not be compared with the labels: "
            "`dibao down --purge` deletes them."
        )
    note.write_text(mine)


async def _live_through(deployment: Deployment, pool: asyncpg.Pool, world: World) -> tuple[Delivered, Course]:
    """Hand over every day's facts, the files at the end of the month, close each day, and wait."""
    course = Course()
    began = time.monotonic()
    watching = asyncio.create_task(_watch(deployment, pool, course, began))
    street = world.settings
    days = (street.as_of - date.fromisoformat(f"{street.first}-01")).days + 1
    try:
        with Bar() as bar, (OUT / "facts.ndjson").open("wb") as kept:
            task = bar.add_task("publishing, day by day", total=days)
            async with publisher(deployment) as upstream, Closer.open(deployment.settings) as closer:
                files: dict[tuple[Form, str], list[dict[str, Any]]] = defaultdict(list)
                for day in world.days():
                    events = []
                    for event in day.facts:
                        kept.write(line(event) + b"\n")
                        form = form_of(event["type"], event["source"])
                        if form is HTTP:
                            events.append(line(event))
                        else:
                            files[form, event["source"]].append(event)
                    course.facts += len(day.facts)
                    await upstream.events(events)
                    if _ends_month(day.day):
                        await _files(upstream, day.day, files)
                        files.clear()
                    await closer.close(day.day)
                    course.days += 1
                    bar.update(task, advance=1, description=f"publishing, day by day ({day.day:%Y-%m})")
            course.published = time.monotonic() - began
            waiting = bar.add_task("waiting for detection and projector", total=None)
            done = await wait_until_done(
                deployment.settings,
                pool,
                patience=_PATIENCE_SECONDS,
                tell=lambda found: bar.update(waiting, description=f"waiting: {found.sentence()}"),
            )
            bar.update(waiting, description="everything is worked through")
            if done is None:
                raise StackError(
                    "Detection or the projector did not get done: see `dibao status`, .local/log."
                )
    finally:
        watching.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watching
    return upstream.delivered, course


async def _files(upstream: Any, day: date, files: dict[tuple[Form, str], list[dict[str, Any]]]) -> None:
    """Hand over a month's files, a few at a time."""
    room = asyncio.Semaphore(_FILES_AT_A_TIME)

    async def hand_over(form: Form, source: str, rows: list[dict[str, Any]]) -> None:
        async with room:
            await _file(upstream, day, form, source, rows)

    await asyncio.gather(*(hand_over(form, source, rows) for (form, source), rows in files.items()))


async def _file(upstream: Publisher, day: date, form: Form, source: str, rows: list[dict[str, Any]]) -> None:
    area = next(part for part in source.split("/") if part.isdigit())
    name = f"{form.name}-{area}-{day:%Y-%m}{form.suffix}"
    written = content(form, rows)
    folder = OUT / "files"
    folder.mkdir(exist_ok=True)
    await asyncio.to_thread((folder / name).write_bytes, written)
    event_type = rows[0]["type"]
    handed = Handed(context=event_type.split(".")[1], source=source, event_type=event_type)
    await upstream.file(name, written, handed)


async def _watch(deployment: Deployment, pool: asyncpg.Pool, course: Course, began: float) -> None:
    """Note when each stage had nothing left, after everything was published."""
    while True:
        await asyncio.sleep(1.0)
        if not course.published:
            continue
        found = await progress(deployment.settings, pool)
        for stage, left in (
            ("projector", found.lags["projector"]),
            ("detection", found.lags["detection"] + found.detection["dirty"] + found.detection["outbox"]),
        ):
            if left == 0 and stage not in course.caught_up:
                course.caught_up[stage] = time.monotonic() - began


def _ends_month(day: date) -> bool:
    return date.fromordinal(day.toordinal() + 1).day == 1


def _tell_delivery(delivered: Delivered, course: Course, labels: dict[str, Any]) -> None:
    console.print(
        f"\n[bold]接收[/] {course.facts:,} 条事实, {course.days:,} 天, {len(delivered.receipts):,} 份回执: "
        f"接受 {delivered.accepted:,}, 重复 {delivered.repeated:,}, 搁置 {delivered.set_aside:,}, "
        f"退回 {delivered.rejected:,}"
    )
    for reject in delivered.rejects[:5]:
        console.print(f"  [red]退回[/] {escape(str(reject))}", soft_wrap=True)
    table = Table("环节", "完成于(秒)", "条/秒", title="速度(含逐日送达与日结)", title_justify="left")
    times = {"intake 接收": course.published}
    times |= {
        {"projector": "projector 台账", "detection": "detection 侦测"}[name]: seconds
        for name, seconds in course.caught_up.items()
    }
    for stage, seconds in times.items():
        table.add_row(stage, f"{seconds:.1f}", f"{course.facts / seconds:,.0f}")
    console.print(table)


async def _tell_anomalies(
    deployment: Deployment, pool: asyncpg.Pool, labels: dict[str, Any]
) -> list[Compared]:
    """Print the open anomalies by rule against what the simulated world did, and return how they compare.

    Rules that nobody detects yet are shown with their labels only.
    """
    identity = Identity(Keys.from_settings(deployment.settings), deployment.settings.token_family)
    page = await queries.anomalies(pool, AnomalyFilter(state="open"))
    rules = await queries.catalogue(pool)
    compared = compare(labels, page.rows, DETECTED, lambda key: _tokens(key, identity))
    headings = ("规则", "标注", "发现", "漏报", "误报", "内容不同", "合法相似")
    table = Table(*headings, title="预警与标注", title_justify="left")
    for one in compared:
        counts = (one.found, one.missed, one.extra, one.different)
        shown = (NOT_CONNECTED, "", "", "") if one.found is None else (f"{count:,}" for count in counts)
        names = dict.fromkeys((rules.title(one.rule), one.rule))
        table.add_row(" ".join(names), f"{one.labelled:,}", *shown, f"{one.lawful:,}")
    console.print(table)
    same = all(one.same for one in compared)
    console.print("[green]发现与标注完全一致。[/]" if same else "[red]发现与标注不一致。[/]")
    return compared


def _tokens(key: dict[str, str], identity: Identity) -> dict[str, str]:
    tokens = {"person": lambda number: identity.person("", number, None), "account": identity.account}
    return {name: tokens[name](value) if name in tokens else value for name, value in key.items()}


async def _tell_annex2(pool: asyncpg.Pool, until: date) -> None:
    filled = await queries.annex2(pool, until)
    print_annex2(filled, Format.table)
    (OUT / "annex2.xlsx").write_bytes(annex2_workbook(await queries.annex2(pool, until, by="village")))


async def _tell_ledgers(pool: asyncpg.Pool) -> None:
    """Print the first rows of ten ledgers: of those that have any."""
    told = 0
    for name, declared in LEDGERS.items():
        page = await queries.ledger(pool, name, queries.LedgerFilter(limit=_ROWS))
        if page.rows and told < _LEDGERS:
            told += 1
            rows = [in_words(row, declared.listed) for row in page.rows]
            show(rows, Format.table, columns=headings(declared.listed), title=declared.title)


async def _tell_views(pool: asyncpg.Pool) -> None:
    for name, declared in VIEWS.items():
        if declared.front:
            page = await queries.view(pool, name, queries.ViewFilter())
            rows = [in_words(row, declared.listed) for row in page.rows]
            show(rows, Format.table, columns=headings(declared.listed), title=declared.title)
            console.print(f"[dim]{declared.about}[/]", soft_wrap=True)


async def _tell_quarters(settings: Settings, pool: asyncpg.Pool, until: date) -> None:
    """Freeze the last two quarters that are over, where nobody has yet, and print how they differ."""
    quarters = [Quarter(year, number) for year in (until.year - 1, until.year) for number in (1, 2, 3, 4)]
    over = [str(quarter) for quarter in quarters if quarter.last <= until][-2:]
    kept = {row["quarter"] for row in await summaries(pool, None, _PROGRAMME)}
    for name in over:
        if name not in kept:
            await freeze(
                pool,
                which(name).quarter,
                _PROGRAMME,
                "编制员甲",
                "审核员乙",
                checkpoints=partial(checkpoints_of, settings, key_of(None)),
            )
    print_comparison(await compare_quarters(pool, over[0], over[1], _PROGRAMME))


async def _tell_where_next(deployment: Deployment, pool: asyncpg.Pool, until: date, rule: str) -> None:
    page = await queries.anomalies(pool, AnomalyFilter(rule=rule, severity="high", limit=1))
    lines = [
        ("Annex 2 as the official form", _shown(OUT / "annex2.xlsx")),
        ("the street's files and labels", _shown(OUT)),
        ("the pages, in a browser", deployment.url("reporting") + "/"),
        ("the key to enter them", f"in {_shown(operator_file())}"),
    ]
    for row in page.rows:
        lines.append(("why an anomaly is there", f".venv/bin/dibao explain {row['anomaly_id']}"))
        lines.append(("", row["sentence"]))
    worst = next(name for name, declared in VIEWS.items() if declared.front)
    lines += [
        ("one cell, down to its facts", f".venv/bin/dibao annex2 --until {until} --cell A1c --rows"),
        (
            "which villages are worst",
            f".venv/bin/dibao view {worst}",
        ),
        ("a ledger", f".venv/bin/dibao ledger payments --month {str(until)[:7]} --limit 20"),
        ("what is running", ".venv/bin/dibao status"),
    ]
    console.print("\n[bold]Where to look next[/]")
    for what, where in lines:
        console.print(f"  {what:<30} {where}", soft_wrap=True)


def _shown(path: Path) -> str:
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)
