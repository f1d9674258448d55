"""``dibao publish | void | receipt``: hand facts over, undo one, ask what became of a file."""

import sys
import uuid
from dataclasses import asdict
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer

from deploy.command.deployment import current, run
from deploy.command.output import Format, FormatOption, console, dump, fail, show
from deploy.command.publisher import Delivered, publisher, read_lines
from deploy.command.targets import void_of
from events.catalogue import UPSTREAM_CONTEXTS
from services.platform.database import open_pool
from services.reporting.queries import receipt_totals


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
    key: Annotated[
        str | None,
        typer.Option(envvar="DIBAO_KEY", help="An upstream's key; otherwise the local operator's."),
    ] = None,
    form: FormatOption = Format.table,
) -> None:
    """Hand over facts and print what was accepted, repeated, set aside and rejected, and the receipts."""
    missing = [str(path) for path in files if not path.is_file()]
    if missing:
        raise fail(f"There is no file {', '.join(missing)}.", 2)
    delivered, sent = run(_publish(files, via, context, source, event_type, batch, mapping, key))
    if sent:
        console.print(f"Kafka acknowledged {sent:,} records; intake takes them from there (`dibao wait`).")
    if delivered.lines:
        report(delivered, form)
    if delivered.rejected:
        raise typer.Exit(3)


async def _publish(
    files: list[Path],
    via: Way,
    context: str | None,
    source: str | None,
    event_type: str | None,
    batch: str | None,
    mapping: str | None,
    key: str | None,
) -> tuple[Delivered, int]:
    sent = 0
    async with publisher(current(), key) as upstream:
        for path in files:
            office = path.suffix.lower() in (".csv", ".xlsx")
            if mapping is not None and not office:
                raise fail(f"{path.name}: a mapping is for .csv and .xlsx files.", 2)
            if office or (via is Way.file and context is not None):
                if context is None:
                    raise fail(f"{path.name}: say whose file it is with --context.", 2)
                await upstream.file(
                    context,
                    path.name,
                    path.read_bytes(),
                    source=source,
                    event_type=event_type,
                    batch=batch,
                    mapping=mapping,
                )
            elif via is Way.kafka:
                sent += await upstream.kafka(read_lines(path))
            elif via is Way.file:
                await upstream.ndjson_files(path.name, read_lines(path))
            else:
                await upstream.events(read_lines(path))
        return upstream.delivered, sent


def report(delivered: Delivered, form: Format) -> None:
    """Print what upstream was told."""
    totals: dict[str, Any] = {
        "accepted": delivered.accepted,
        "repeated": delivered.repeated,
        "set_aside": delivered.set_aside,
        "rejected": delivered.rejected,
        "warned": delivered.warned,
        "receipts": delivered.receipts,
        "rejects": delivered.rejects[:1000],
        "warnings": delivered.warnings[:1000],
    }
    if form is not Format.table:
        sys.stdout.write(dump(totals, indent=1 if form is Format.json else None) + "\n")
        return
    console.print(
        f"接受 {delivered.accepted:,}  重复 {delivered.repeated:,}  搁置 {delivered.set_aside:,}  "
        f"退回 {delivered.rejected:,}  提示 {delivered.warned:,}"
    )
    if delivered.receipts:
        shown = ", ".join(delivered.receipts[:3])
        more = len(delivered.receipts) - 3
        console.print(f"回执 {shown}" + (f" 等 {more + 3} 份" if more > 0 else ""), soft_wrap=True)
    if delivered.rejects:
        show([_reject(item) for item in delivered.rejects[:20]], Format.table, title="退回")
    if delivered.warnings:
        show([_warning(item) for item in delivered.warnings[:20]], Format.table, title="提示(已接受)")


def _reject(item: dict[str, Any]) -> dict[str, Any]:
    error = item.get("error") or {}
    return {
        "位置": item.get("row", item.get("index")),
        "字段": item.get("column", error.get("field")),
        "值": item.get("masked", ""),
        "应为": item.get("reason", error.get("expected")),
    }


def _warning(item: dict[str, Any]) -> dict[str, Any]:
    return {
        "位置": item.get("row", item.get("index")),
        "字段": item.get("column", item.get("field")),
        "应为": item["warning"],
    }


def void(
    source: Annotated[str, typer.Argument(help="The source of the fact, such as /bank/psbc/500102.")],
    serial: Annotated[str, typer.Argument(metavar="ID", help="The id that the source gave the fact.")],
    reason: Annotated[str, typer.Option(help="Why it never counted; kept sealed.")],
    digest: Annotated[str | None, typer.Option(help="Only this version of a fact in conflict.")] = None,
) -> None:
    """Undo a fact: it never counted. The original is looked up, so that its key and subjects are repeated."""
    delivered = run(_void(source, serial, reason, digest))
    report(delivered, Format.table)
    if delivered.rejected:
        raise typer.Exit(3)


async def _void(source: str, serial: str, reason: str, digest: str | None) -> Delivered:
    deployment = current()
    pool = await open_pool(deployment.settings.database_url, size=1)
    try:
        target = await void_of(deployment.settings, pool, source, serial)
    finally:
        await pool.close()
    if target is None:
        raise fail(f"No fact with the id {serial} of {source} is in the ledgers (yet).")
    event_type, data = target
    data |= {"source": source, "id": serial, "type": event_type, "reason": reason}
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


def receipt(
    receipt_id: Annotated[uuid.UUID, typer.Argument(metavar="RECEIPT", help="The id that publish printed.")],
    context: Annotated[str, typer.Option(help="The service that gave it.")] = "payments",
    form: FormatOption = Format.table,
) -> None:
    """Ask again what became of a file or batch, and compare it with what the ledger holds of it."""
    row = run(_receipt(receipt_id, context))
    if form is not Format.table:
        show([row], form)
        return
    rejects, warnings = row.pop("rejects", []), row.pop("warnings", [])
    show([row], form)
    if rejects:
        show([_reject(item) for item in rejects[:20]], form, title="退回")
    if warnings:
        show([_warning(item) for item in warnings[:20]], form, title="提示(已接受)")


async def _receipt(receipt_id: uuid.UUID, context: str) -> dict[str, Any]:
    deployment = current()
    async with httpx.AsyncClient(timeout=30) as client:
        answer = await client.get(
            f"{deployment.url(context)}/receipts/{receipt_id}",
            headers={"authorization": f"Bearer {deployment.operator_key}"},
        )
    if answer.status_code != 200:
        raise fail(f"There is no receipt {receipt_id}.")
    pool = await open_pool(deployment.settings.database_url, size=1)
    try:
        held = await receipt_totals(pool, str(receipt_id))
    finally:
        await pool.close()
    row: dict[str, Any] = answer.json()
    return {**row, "ledger": asdict(held)}
