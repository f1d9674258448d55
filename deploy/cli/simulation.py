"""``dibao simulate``: invented streets as upstream files, facts and labels, or straight to Kafka."""

import os
import time
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from deploy.cli.output import console, fail
from deploy.cli.publisher import publisher
from deploy.cli.telling import Bar, telling
from deploy.deployment import Deployment, current, run
from services.simulator import Recording, Settings


def register(app: typer.Typer) -> None:
    """Hang this command into the root."""
    app.command("simulate")(simulate)


def simulate(
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder to write into; created if missing.")
    ] = None,
    to_kafka: Annotated[
        bool,
        typer.Option(
            "--to-kafka",
            help="Publish to the intake topics of the running stack, day by day, as raw CloudEvents with the "
            "local operator's key. Without --out they lie in a temporary folder meanwhile, and there are no "
            "labels.",
        ),
    ] = False,
    households: Annotated[
        int,
        typer.Option(
            min=1,
            help="How many households there are. More than 1,200 are several streets, simulated "
            "one after another, so memory does not grow.",
        ),
    ] = 1200,
    first: Annotated[str, typer.Option("--from", help="First month, such as 2018-01.")] = "2018-01",
    last: Annotated[str, typer.Option("--to", help="Last month, such as 2021-12.")] = "2021-12",
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.")] = 1,
    files: Annotated[
        bool, typer.Option(help="With --out: also the files that offices would hand in (files/).")
    ] = True,
    workers: Annotated[
        int, typer.Option(min=1, help="How many streets are simulated at the same time.")
    ] = os.cpu_count() or 1,
) -> None:
    """Invent streets, and write them to files, publish them, or both.

    Into --out go facts.ndjson (all facts, in order of delivery), labels.json (what is irregular, and what
    only looks so) and files/ (a folder a street, a folder a month: what each office hands in). A household
    has about 59 facts in four years, of half a kilobyte each.
    """
    if out is None and not to_kafka:
        raise fail("Say where to: --out DIR, --to-kafka, or both.", 2)
    try:
        settings = Settings(households=households, first=first, last=last, seed=seed)
    except ValueError as error:
        raise fail(f"{error}.", 2) from None
    deployment = current() if to_kafka else None
    if deployment is not None:
        run(_to_intake(deployment, ()))  # whether Kafka is there is known now, not after an hour
    try:
        with closing(Recording(settings, out, files=files)) as recording:
            _record(recording, workers)
            if deployment is not None:
                _publish(deployment, recording)
            if out is not None:
                with telling() as tell:
                    tell(f"Writing to {out}")
                    recording.write(out)
                written = "facts.ndjson, labels.json" + (", files/" if files else "")
                console.print(f"Written to {out}: {written}", soft_wrap=True)
    except OSError as error:
        raise fail(f"Nothing could be written: {error}.") from None


def _record(recording: Recording, workers: int) -> None:
    settings, began = recording.settings, time.monotonic()
    with Bar() as bar:
        task = bar.add_task("living through the streets", total=settings.streets)
        recording.record(lambda streets: bar.update(task, completed=streets), workers=workers)
    seconds, totals = time.monotonic() - began, recording.totals
    console.print(
        f"{totals.facts:,} facts of {settings.households:,} households, {settings.first} to {settings.last}, "
        f"seed {settings.seed}, in {seconds:.1f} s ({totals.facts / seconds:,.0f} a second)",
        soft_wrap=True,
    )
    document = totals.document()
    for rule, looks in document["lookalikes_by_case"].items():
        count = document["anomalies_by_rule"][rule]
        console.print(f"  {rule:<18} {count:>9,} irregular, {sum(looks.values()):>9,} lawful look-alikes")


def _publish(deployment: Deployment, recording: Recording) -> None:
    began = time.monotonic()
    days = list(recording.calendar())
    with Bar() as bar:
        task = bar.add_task("publishing, day by day", total=len(days))

        def lines() -> Iterator[bytes]:
            for day in days:
                yield from recording.lines(day)
                bar.update(task, advance=1)

        count = run(_to_intake(deployment, lines()))
    seconds = time.monotonic() - began
    console.print(
        f"Kafka acknowledged {count:,} records in {seconds:.1f} s ({count / seconds:,.0f} a second); intake "
        "takes them from there (`dibao wait`).",
        soft_wrap=True,
    )


async def _to_intake(deployment: Deployment, lines: Iterable[bytes]) -> int:
    async with publisher(deployment) as upstream:
        return await upstream.kafka(lines)
