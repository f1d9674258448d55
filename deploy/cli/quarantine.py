"""``dibao quarantine``: records on the log that are no facts, passed over by the word of two people."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Annotated, Any

import typer

from deploy.cli.database import ask_database
from deploy.cli.output import Format, FormatOption, console, fail, show
from deploy.deployment import current
from services.intake.answers import Unavailable
from services.intake.publisher import Place
from services.intake.recall import Recall
from services.platform import quarantine
from services.platform.authorship import LogKeys
from services.platform.database import Pool
from services.platform.provenance import deal_with, forgeries
from services.platform.quarantine import QuarantineError

app = typer.Typer(no_args_is_help=True, help="Records on the log that nobody can read, and who decided what.")

Topic = Annotated[str, typer.Argument(help="The topic, as the sentence of the stopped process names it.")]
Partition = Annotated[int, typer.Argument(min=0)]
Offset = Annotated[int, typer.Argument(min=0)]
By = Annotated[str, typer.Option(help="Your own name, as it shall stand in the record of this.")]


def register(root: typer.Typer) -> None:
    """Hang these commands into the root."""
    root.add_typer(app, name="quarantine")


def _with_pool(work: Callable[[Any], Awaitable[Any]]) -> Any:
    try:
        return ask_database(work)
    except QuarantineError as error:
        raise fail(f"{error}.") from None


@app.command("propose")
def propose(
    topic: Topic,
    partition: Partition,
    offset: Offset,
    reason: Annotated[str, typer.Option(help="How it came there; everybody can read this, so name nobody.")],
    by: By,
) -> None:
    """Propose that a record is passed over: it stays on the log, whole, and a second person confirms it."""
    if not reason.strip() or not by.strip():
        raise fail("--reason and --by must say something.", 2)
    place = Place(partition, offset)

    async def work(pool: Pool) -> None:
        recall = Recall(current().settings)
        try:
            records = await recall.raw(topic, [place], needed=True)
        except Unavailable as error:
            raise QuarantineError(error.sentence.english) from None
        finally:
            await recall.close()
        if place not in records:
            raise QuarantineError(f"there is no record at offset {offset} of {topic}, partition {partition}")
        keys = LogKeys.from_settings(current().settings)
        await quarantine.propose(pool, records[place], keys, reason=reason.strip(), by=by.strip())

    _with_pool(work)
    console.print("Proposed. Somebody else confirms it: `dibao quarantine confirm` with the same place.")


@app.command("confirm")
def confirm(topic: Topic, partition: Partition, offset: Offset, by: By) -> None:
    """Agree as a second person: from now on every process passes the record over."""
    if not by.strip():
        raise fail("--by must say something.", 2)

    async def work(pool: Pool) -> None:
        await quarantine.confirm(pool, topic, partition, offset, by=by.strip())

    _with_pool(work)
    console.print("Confirmed: start the processes that had stopped at it.")


@app.command("list")
def list_all(form: FormatOption = Format.table) -> None:
    """List what is proposed and confirmed."""
    rows = [asdict(each) for each in _with_pool(quarantine.quarantined)]
    show(
        rows,
        form,
        columns=[
            ("topic", "主题"),
            ("partition", "分区"),
            ("offset", "位置"),
            ("error", "原因"),
            ("reason", "说明"),
            ("proposed_by", "提出人"),
            ("proposed_at", "提出时间"),
            ("confirmed_by", "复核人"),
            ("confirmed_at", "复核时间"),
        ],
        title="隔离记录",
    )


@app.command("forged")
def forged(
    dealt_with: Annotated[
        list[str] | None,
        typer.Option(
            help="TOPIC/PARTITION/OFFSET of a record that is settled; or TOPIC/PARTITION, TOPIC.",
        ),
    ] = None,
    reason: Annotated[
        str, typer.Option(help="What was found out and done; shown to all, names nobody.")
    ] = "",
    by: Annotated[str, typer.Option(help="Your own name, as it shall stand in the record of this.")] = "",
    form: FormatOption = Format.table,
) -> None:
    """List the records that every process refuses, because none of dibao's processes wrote them.

    With --dealt-with say what was done about some: they stay listed, and `dibao status` counts them no more.
    """
    if dealt_with:
        _deal_with([_place(text) for text in dealt_with], reason.strip(), by.strip())
        return
    show(
        _with_pool(forgeries),
        form,
        columns=[
            ("topic", "主题"),
            ("partition", "分区"),
            ("offset", "位置"),
            ("written_at", "写入时间"),
            ("type", "类型"),
            ("error", "签名"),
            ("found_at", "发现时间"),
            ("reason", "处理说明"),
            ("dealt_with_by", "处理人"),
            ("dealt_with_at", "处理时间"),
        ],
        title="未采用的记录",
    )


def _deal_with(places: list[tuple[str, int | None, int | None]], reason: str, by: str) -> None:
    if not reason or not by:
        raise fail("--reason and --by must say something.", 2)

    async def work(pool: Pool) -> list[int]:
        return [await deal_with(pool, *place, reason=reason, by=by) for place in places]

    found = _with_pool(work)
    console.print(f"{sum(found):,} records are dealt with: they stay listed, and alarm no more.")
    if not all(found):
        raise fail("At some of these places nothing was refused, or somebody has dealt with it before.")


def _place(text: str) -> tuple[str, int | None, int | None]:
    topic, *numbers = text.split("/")
    if not topic or len(numbers) > 2 or not all(number.isdecimal() for number in numbers):
        raise fail(f"“{text}” should be TOPIC/PARTITION/OFFSET, as they are listed.", 2)
    partition, offset = [*map(int, numbers), None, None][:2]
    return topic, partition, offset
