"""``dibao simulate``: an invented street as upstream files, facts and labels."""

import time
from pathlib import Path
from typing import Annotated

import typer

from deploy.command.output import console, fail
from services.simulator import Settings, write


def register(app: typer.Typer) -> None:
    """Hang this command into the root."""
    app.command("simulate")(simulate)


def simulate(
    out: Annotated[Path, typer.Option("--out", help="Folder to write into; made if it is not there.")],
    households: Annotated[int, typer.Option(min=1, help="How many households the street has.")] = 1200,
    first: Annotated[str, typer.Option("--from", help="First month, such as 2018-01.")] = "2018-01",
    last: Annotated[str, typer.Option("--to", help="Last month, such as 2021-12.")] = "2021-12",
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.")] = 1,
) -> None:
    """Write an invented street: facts.ndjson, labels.json and the files that offices would hand in."""
    try:
        settings = Settings(households=households, first=first, last=last, seed=seed)
    except ValueError as error:
        raise fail(f"{error}.", 2) from None
    began = time.monotonic()
    written = write(out, settings)
    totals = written.totals.document()
    console.print(
        f"{written.totals.facts:,} facts of {households:,} households, {first} to {last}, seed {seed}, "
        f"in {time.monotonic() - began:.1f} s"
    )
    for rule, count in totals["anomalies_by_rule"].items():
        looks = sum(totals["lookalikes_by_case"].get(rule, {}).values())
        console.print(f"  {rule:<18} {count:>6} irregular, {looks:>6} lawful look-alikes")
    console.print(f"Written to {out}: facts.ndjson, labels.json, files/")
