"""``dibao bench``: how fast the stages are on this machine."""

import asyncio
from pathlib import Path
from typing import Annotated, Any

import typer

from deploy.bench.ledgers import FACTS
from deploy.bench.measure import Report
from deploy.bench.run import Stage, run
from deploy.bench.soak import EVERY, RATE, SECONDS, Asked
from deploy.cli.output import Format, FormatOption, console, dump, errors, fail, in_a_folder, show
from deploy.cli.telling import say, telling
from services.detection.rules import BY_NAME

_MEASURES = [
    ("stage", "阶段"),
    ("what", "测量"),
    ("facts", "事实"),
    ("seconds", "秒"),
    ("facts_per_second", "事实/秒"),
    ("cpu", "CPU 秒/十万条"),
    ("remarks", "备注"),
]
_FACTS = 100_000
_SAMPLES = 20
"""How many rows of a soak are printed at most, or twice as many; `--out` has them all."""
_SOAK = [
    ("at", "秒"),
    ("rate", "事实/秒"),
    ("pss_mb", "本系统内存 MB"),
    ("lag_detection", "detection 滞后"),
    ("lag_projector", "projector 滞后"),
    ("outbox_s", "发件箱 秒"),
    ("dead", "死行"),
    ("bytes_a_row", "字节/活行"),
    ("database_mb", "库 MB"),
    ("kafka_mb", "Kafka MB"),
    ("journal_mb", "日志存档 MB"),
]
_PROCESSES = [
    ("process", "进程"),
    ("pss_mb", "PSS MB"),
    ("pss_mb_end", "结束 MB"),
    ("growth_mb", "增长 MB"),
    ("rss_mb_most", "RSS 最多 MB"),
    ("cpu_s", "CPU 秒/十万条"),
]
_PROFILE = [
    ("stage", "阶段"),
    ("own_seconds", "自身秒"),
    ("total_seconds", "累计秒"),
    ("calls", "调用"),
    ("function", "函数"),
]
_RULES = [
    ("rule", "规则"),
    ("seconds", "CPU 秒"),
    ("looks", "查看"),
    ("cleared", "其中即排除"),
    ("found", "得出结论"),
]


def register(app: typer.Typer) -> None:
    """Hang this command into the root."""
    app.command("bench")(bench)


def bench(
    stage: Annotated[Stage, typer.Argument(help="What to measure.")] = Stage.all,
    facts: Annotated[
        int | None,
        typer.Option(
            "--facts", min=100, help="How many distinct facts; 100,000, or for the ledgers 1,000,000."
        ),
    ] = None,
    persons: Annotated[
        int | None,
        typer.Option("--persons", min=10, help="How many persons they name; else a street of four years."),
    ] = None,
    form: FormatOption = Format.table,
    out: Annotated[
        Path | None, typer.Option("--out", callback=in_a_folder, help="File for the whole report, as JSON.")
    ] = None,
    rules: Annotated[
        str | None,
        typer.Option("--rules", help="Detection with these rules alone as well: names, a comma between."),
    ] = None,
    kept: Annotated[
        Path | None,
        typer.Option("--kept", help="Of the ledgers: a folder to keep them in, and to find them again."),
    ] = None,
    rate: Annotated[
        float, typer.Option("--rate", min=1, help="Of the soak: facts a second that are handed over.")
    ] = RATE,
    seconds: Annotated[
        float, typer.Option("--seconds", min=20, help="Of the soak: for how long it hands over.")
    ] = SECONDS,
    every: Annotated[
        float, typer.Option("--every", min=1, help="Of the soak: seconds from a sample to the next.")
    ] = EVERY,
    workers: Annotated[
        int, typer.Option("--workers", min=1, max=64, help="Of the soak: how many processes of detection.")
    ] = 1,
    profile: Annotated[
        bool,
        typer.Option(
            "--profile",
            help="Run the stage again under a profiler and show where the time goes; of detection by rule.",
        ),
    ] = False,
) -> None:
    """Measure facts/s of every stage on a throw-away stack (fsync on, cold vault), and delete it again.

    Your running stack is not touched, but shares the machine: stop it for figures that mean something. Ends
    with code 1 if a stage failed or lost a fact, or a soak broke one of its limits.
    """

    named = tuple(name.strip() for name in rules.split(",")) if rules else ()
    for name in named:
        if name not in BY_NAME:
            raise fail(f"There is no rule {name}; expected one of: {', '.join(BY_NAME)}.", 2)
    with telling(lambda sentence: say(sentence, errors)) as tell:
        count = facts or (FACTS if stage is Stage.ledgers else _FACTS)
        measuring = run(
            stage,
            count,
            persons=persons,
            profile=profile,
            say=tell,
            rules=named,
            kept=kept,
            asked=Asked(rate=rate, seconds=seconds, every=every, workers=workers),
        )
        try:
            report = asyncio.run(measuring)
        except asyncio.CancelledError:  # by SIGTERM
            raise fail("The measurement was broken off; nothing of it runs any more.", 143) from None
    if out is not None:
        out.write_text(dump(report.document(), indent=1) + "\n", encoding="utf-8")
    _print(report, form)
    if report.failures:
        raise typer.Exit(1)


def _print(report: Report, form: Format) -> None:
    document = report.document()
    if form is Format.json:
        typer.echo(dump(document, indent=1))
        return
    if form is Format.ndjson:
        for kind in ("measures", "profile", "rules", "failures"):
            for row in document[kind]:
                typer.echo(dump({"kind": kind, **row}))
        for kind in ("processes", "samples"):
            for row in document["soak"].get(kind, ()):
                typer.echo(dump({"kind": f"soak_{kind}", **row}))
        typer.echo(dump({"kind": "machine", **report.machine}))
        typer.echo(dump({"kind": "mix", **report.mix}))
        return
    console.print(
        "  ".join(f"[bold]{name}[/] {value}" for name, value in report.machine.items()), soft_wrap=True
    )
    rows = [{**row, "cpu": _cpu(row), "remarks": _remarks(row)} for row in document["measures"]]
    show(rows, form, columns=_MEASURES, title="CPU 依次为 Kafka、PostgreSQL、本系统进程")
    if report.soak:
        _print_soak(report.soak, form)
    if report.profile:
        show(document["profile"], form, columns=_PROFILE, title="各阶段自身耗时最多的函数(仅主线程)")
    if report.rules:
        show(document["rules"], form, columns=_RULES, title="各规则在 detection 中的耗时(每十万条)")
    for failure in report.failures:
        errors.print(f"[bold red]{failure.stage}:[/] {failure.reason}", soft_wrap=True)


def _print_soak(soak: dict[str, Any], form: Format) -> None:
    samples = soak["samples"]
    some = samples[:: max(1, len(samples) // _SAMPLES)]
    show(some, form, columns=_SOAK, title="持续运行")
    show(soak["processes"], form, columns=_PROCESSES, title="各进程(内存自预热结束起)")
    console.print(soak["sentence"], soft_wrap=True)


def _cpu(row: dict[str, Any]) -> str:
    found = [row[name] for name in ("cpu_kafka", "cpu_postgres", "cpu_ours")]
    return "" if found[0] is None else " / ".join(f"{seconds:.1f}" for seconds in found)


def _remarks(row: dict[str, Any]) -> str:
    remarks = []
    if row["ratio"] is not None:
        remarks.append(f"{row['against']}: {row['ratio']} ×")
    if row["p50_ms"] is not None:
        remarks.append(f"p50 {row['p50_ms']} / p95 {row['p95_ms']} / p99 {row['p99_ms']} ms")
    if row["peak_memory_mb"] is not None:
        remarks.append(f"单个服务内存最多 {row['peak_memory_mb']} MB")
    return "; ".join([*remarks, *([row["note"]] if row["note"] else [])])
