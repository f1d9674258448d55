"""``dibao publish | void | receipt``: hand facts over, undo one, ask what became of a file."""

import sys
import uuid
from codecs import BOM_UTF8
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import httpx
import msgspec
import typer
from rich.cells import cell_len
from rich.text import Text

from deploy.cli.contexts import check_context, forms_named
from deploy.cli.openings import opener
from deploy.cli.output import Format, FormatOption, console, dump, errors, fail, readable, show
from deploy.cli.publisher import Delivered, Handed, RefusedError, publisher, read_lines
from deploy.cli.targets import SeveralError, VersionError, void_of
from deploy.cli.telling import say, telling
from deploy.contract.titles import title_of
from deploy.deployment import current, run
from events.catalogue import UPSTREAM_CONTEXTS
from events.values import SHANGHAI
from services.platform.database import open_pool
from services.reporting.queries import receipt_totals

OFFICE = (".csv", ".xlsx")
EVENTS = (".ndjson", ".jsonl", ".json")
OTHERS = (
    ".xls",
    ".xlsm",
    ".xlsb",
    ".ods",
    ".et",
    ".numbers",
    ".doc",
    ".docx",
    ".wps",
    ".pdf",
    ".zip",
    ".rar",
)
"""What offices hand in by mistake, or before they saved it as a workbook."""


class Way(StrEnum):
    """How upstream hands facts over."""

    http = "http"
    file = "file"
    kafka = "kafka"


def register(app: typer.Typer) -> None:
    """Hang these commands into the root."""
    app.command("publish")(publish)
    app.command("void")(void)
    app.command("receipt")(receipt)


def publish(
    files: Annotated[list[Path], typer.Argument(help="NDJSON of CloudEvents, or an office's .csv or .xlsx.")],
    via: Annotated[
        Way, typer.Option(help="How NDJSON is handed over; .csv and .xlsx always go as files.")
    ] = Way.http,
    context: Annotated[
        str | None, typer.Option(help="Whose file it is (.csv, .xlsx): " + ", ".join(UPSTREAM_CONTEXTS))
    ] = None,
    source: Annotated[str | None, typer.Option(help="The file's source, such as /bank/psbc/500102.")] = None,
    event_type: Annotated[
        str | None, typer.Option("--type", help="The rows' type, where the headers do not tell it.")
    ] = None,
    batch: Annotated[
        str | None, typer.Option(help="The file's batch number, where rows have no 流水号.")
    ] = None,
    mapping: Annotated[
        str | None, typer.Option(help="The mapping by which the source's own file is read (`dibao mapping`).")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would become of it; nothing goes onto the log.")
    ] = False,
    key: Annotated[
        str | None,
        typer.Option(envvar="DIBAO_KEY", help="An upstream's key; otherwise the local operator's."),
    ] = None,
    form: FormatOption = Format.table,
) -> None:
    """Hand over facts and print what was accepted, repeated, set aside and rejected, and the receipts."""
    _check(files, via, dry_run=dry_run)
    if context is not None:
        check_context(context)
        if event_type is not None:
            forms_named(context, event_type)
    if mapping is not None and any(path.suffix.lower() not in OFFICE for path in files):
        raise fail("--mapping is for .csv and .xlsx files.", 2)
    handed = Handed(
        context=context, source=source, event_type=event_type, batch=batch, mapping=mapping, trial=dry_run
    )
    with telling(lambda sentence: say(sentence, errors), "Handing over"):
        delivered, sent = run(_publish(files, via, handed, key))
    if sent:
        console.print(f"Kafka acknowledged {sent:,} records; intake takes them from there (`dibao wait`).")
    if delivered.lines or delivered.refused:
        report(delivered, form, trial=dry_run)
    if delivered.refused:
        raise typer.Exit(1)
    if not sent and not delivered.lines:
        raise fail(f"Nothing was handed over: {', '.join(map(str, files))} holds no line.", 3)
    if delivered.rejected:
        raise typer.Exit(3)


def _check(files: list[Path], via: Way, *, dry_run: bool) -> None:
    missing = [str(path) for path in files if not path.is_file()]
    if missing:
        raise fail(f"There is no file {', '.join(missing)}.", 2)
    for path in files:
        suffix = path.suffix.lower()
        if suffix in OTHERS:
            raise fail(f"{path.name}: {suffix} is not read; save it as .xlsx (另存为 .xlsx 后再上报).", 2)
        if suffix not in (*OFFICE, *EVENTS) and not _holds_events(path):
            raise fail(f"{path.name}: expected .csv or .xlsx, or CloudEvents, one a line (.ndjson).", 2)
    if dry_run and via is Way.kafka:
        raise fail("--dry-run needs an answer, and a topic gives none: use --via http or --via file.", 2)


def _holds_events(path: Path) -> bool:
    with path.open("rb") as file:
        begun = file.read(4096).removeprefix(BOM_UTF8).lstrip()
    return not begun or begun.startswith((b"{", b"["))


async def _publish(files: list[Path], via: Way, handed: Handed, key: str | None) -> tuple[Delivered, int]:
    sent = 0
    async with publisher(current(), key) as upstream:
        for path in files:
            office = path.suffix.lower() in OFFICE
            try:
                if office or (via is Way.file and handed.context is not None):
                    if handed.context is None:
                        raise fail(f"{path.name}: say whose file it is with --context.", 2)
                    await upstream.file(path.name, path.read_bytes(), handed)
                elif via is Way.kafka:
                    sent += await upstream.kafka(read_lines(path))
                elif via is Way.file:
                    await upstream.ndjson_files(path.name, read_lines(path), trial=handed.trial)
                else:
                    await upstream.events(read_lines(path), trial=handed.trial)
            except RefusedError as refused:
                # The others go on: each file is answered for itself.
                upstream.delivered.refused.append(
                    {"file": path.name, "said": str(refused), **refused.problem}
                )
        return upstream.delivered, sent


def state(fact: Mapping[str, Any], key: str | None, form: Format, *, trial: bool) -> None:
    """Hand over one fact that the terminal makes, and print what was told; end with 3 where it is refused."""
    delivered = run(handed_over(fact, key, trial=trial))
    report(delivered, form, trial=trial)
    if delivered.rejected:
        raise typer.Exit(3)


async def handed_over(fact: Mapping[str, Any], key: str | None, *, trial: bool = False) -> Delivered:
    """Hand over one fact, and return what was told."""
    async with publisher(current(), key) as upstream:
        await upstream.events([msgspec.json.encode(fact)], trial=trial)
        return upstream.delivered


def report(delivered: Delivered, form: Format, *, trial: bool = False) -> None:
    """Print what upstream was told."""
    totals: dict[str, Any] = {
        "accepted": delivered.accepted,
        "repeated": delivered.repeated,
        "set_aside": delivered.set_aside,
        "rejected": delivered.rejected,
        "warned": delivered.warned,
        "dry_run": trial,
        "receipts": [] if trial else delivered.receipts,
        "min_position": "" if trial else str(delivered.positions),
        "rejects": delivered.rejects[:1000],
        "asides": delivered.asides[:1000],
        "warnings": delivered.warnings[:1000],
        "refused": delivered.refused,
    }
    if form is not Format.table:
        sys.stdout.write(dump(totals, indent=1 if form is Format.json else None) + "\n")
        return
    for item in delivered.refused:
        errors.print(Text(f"{item['file']} 未接收：{item['said']}"), soft_wrap=True)
    if not delivered.lines:
        return
    if trial:
        console.print("试报：以下为预计结果，未写入日志。")
    console.print(
        f"接受 {delivered.accepted:,}  重复 {delivered.repeated:,}  搁置 {delivered.set_aside:,}  "
        f"退回 {delivered.rejected:,}  提示 {delivered.warned:,}"
    )
    if delivered.receipts and not trial:
        shown = ", ".join(delivered.receipts[:3])
        more = len(delivered.receipts) - 3
        console.print(f"回执 {shown}" + (f" 等 {more + 3} 份" if more > 0 else ""), soft_wrap=True)
    say_remarks("退回（请改正后重新上报）", delivered.rejects)
    say_remarks("搁置（不计入）", delivered.asides)
    say_remarks("提示（已接受，请核对）", delivered.warnings)
    if not delivered.rejected and not delivered.set_aside and not delivered.refused:
        console.print("[green]全部行均已处理，没有需要改正的行。[/]")


def say_remarks(title: str, remarks: Sequence[Mapping[str, Any]], most: int = 20) -> None:
    """Print what is said of rows or events, a sentence each."""
    if not remarks:
        return
    console.print(f"[bold]{title}[/]")
    for item in remarks[:most]:
        masked = f"  [{item['masked']}]" if item.get("masked") else ""
        console.print(Text(f"  {item['reason']}{masked}"), soft_wrap=True)
    if len(remarks) > most:
        console.print(f"  …… 共 {len(remarks)} 条，全部内容用 --format json 查看")


def void(
    source: Annotated[str, typer.Argument(help="The source of the fact, such as /bank/psbc/500102.")],
    serial: Annotated[
        str,
        typer.Argument(
            metavar="ID",
            help="The id that the source gave the fact (流水号), or its number, such as its 发放编号.",
        ),
    ],
    reason: Annotated[str, typer.Option(help="Why it never counted; kept sealed.")],
    digest: Annotated[str | None, typer.Option(help="Only this version of a fact in conflict.")] = None,
    all_versions: Annotated[
        bool,
        typer.Option("--all-versions", help="Every version of a fact in conflict: none counts any more."),
    ] = False,
) -> None:
    """Undo a fact: it never counted. The original is looked up, so that its key and subjects are repeated."""
    if digest is not None and all_versions:
        raise fail("Say --digest or --all-versions, not both.", 2)
    delivered = run(_void(source, serial, reason, digest, all_versions=all_versions))
    report(delivered, Format.table)
    if delivered.rejected:
        raise typer.Exit(3)


async def _void(
    source: str, serial: str, reason: str, digest: str | None, *, all_versions: bool
) -> Delivered:
    deployment = current()
    try:
        async with opener(reason) as opening:
            target = await void_of(
                deployment.settings, opening, source, serial, digest, all_versions=all_versions
            )
    except SeveralError:
        raise fail(f"有几条记录的编号是 {serial}：请写其中一条的流水号。") from None
    except VersionError as error:
        known = "、".join(error.digests)
        if digest is not None:
            raise fail(f"{serial} 没有摘要为 {digest} 的版本；已有的版本：{known}。", 2) from None
        raise fail(
            f"{serial} 曾以不同内容上报，各版本均搁置不计：请用 --digest 注明要作废的版本（{known}），"
            "或用 --all-versions 作废全部版本。",
            2,
        ) from None
    if target is None:
        raise fail(f"台账中（尚）没有 {source} 上报的流水号或编号为 {serial} 的记录。")
    event_type, stated, data = target
    data |= {"source": source, "id": stated, "type": event_type, "reason": reason}
    if digest is not None:
        data["digest"] = digest
    context = event_type.split(".")[1]
    event = {
        "specversion": "1.0",
        "id": f"void-{uuid.uuid4()}",
        "source": "/operator/void",
        "type": f"dibao.{context}.voided.v1",
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "datacontenttype": "application/json",
        "data": data,
    }
    async with publisher(deployment) as upstream:
        await upstream.events([dump(event).encode()])
        return upstream.delivered


_STATUS = {"open": "处理中", "complete": "已完成", "incomplete": "未完成（请重新上报同一文件）"}


def receipt(
    receipt_id: Annotated[uuid.UUID, typer.Argument(metavar="RECEIPT", help="The id that publish printed.")],
    context: Annotated[str, typer.Option(help="The service that gave it.")] = "payments",
    form: FormatOption = Format.table,
) -> None:
    """Ask again what became of a file or batch, and compare it with what the ledger holds of it."""
    check_context(context)
    row = run(_receipt(receipt_id, context))
    if form is not Format.table:
        show([row], form)
        return
    held = row["ledger"]
    lines: list[tuple[str, str]] = [
        ("回执", row["id"]),
        ("来源", row["source"]),
        ("业务", title_of(row["context"])),
        ("名称", row["name"]),
        ("收到时间", f"{datetime.fromisoformat(row['received_at']).astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"),
        ("状态", _STATUS[row["status"]]),
        ("行数", f"{row['lines']:,}"),
        ("  接受", f"{row['accepted']:,}"),
        ("  重复", f"{row['repeated']:,}"),
        ("  搁置", f"{row['set_aside']:,}"),
        ("  退回", f"{row['rejected']:,}"),
        ("提示", f"{row['warned']:,}"),
        ("写入事实", f"{row['facts']:,}，其中作废 {row['voids']:,}"),
        ("金额（本次写入）", yuan(row["control_total_fen"])),
        ("金额（全部行）", yuan(row["file_total_fen"])),
        ("台账中的事实", f"{held['facts']:,}，其中已作废 {held['voided']:,}，搁置 {held['set_aside']:,}"),
        ("台账中的金额", yuan(held["amount_fen"])),
    ]
    width = max(cell_len(name) for name, _ in lines) + 2
    for name, value in lines:
        console.print(Text(name + " " * (width - cell_len(name)) + value), soft_wrap=True)
    say_remarks("退回（请改正后重新上报）", row["rejects"])
    say_remarks("搁置（不计入）", row["asides"])
    say_remarks("提示（已接受，请核对）", row["warnings"])


def yuan(fen: int) -> str:
    """Return an amount of 分 in 元."""
    return readable("amount_fen", fen) + " 元"


async def _receipt(receipt_id: uuid.UUID, context: str) -> dict[str, Any]:
    deployment = current()
    async with httpx.AsyncClient(timeout=30) as client:
        answer = await client.get(
            f"{deployment.url(context)}/receipts/{receipt_id}",
            headers={"authorization": f"Bearer {deployment.operator_key}"},
        )
    if answer.status_code == 404:
        raise fail(f"{title_of(context)}没有回执 {receipt_id}；其他业务的回执请用 --context 注明业务。")
    if answer.status_code != 200:
        raise fail(f"The service of {context} cannot say it now ({answer.status_code}): ask again later.")
    pool = await open_pool(deployment.settings.database_url, size=1)
    try:
        held = await receipt_totals(pool, str(receipt_id))
    finally:
        await pool.close()
    row: dict[str, Any] = answer.json()
    return {**row, "ledger": asdict(held)}
