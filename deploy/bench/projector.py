"""The projector from the log to all tables, and what PostgreSQL alone needs for the same rows."""

import io
import json
import time
from pathlib import Path

import asyncpg

from deploy.bench import logs
from deploy.bench.ground import Ground, Site
from deploy.bench.measure import Measure, expect
from deploy.bench.settling import consumed
from deploy.bench.usage import Usage
from projections.schema import CONSUMED, PIPELINE, schema_name, tables
from services.platform.log import end_offsets

_RAW = "bench_copy"


async def live(ground: Ground, site: Site, profile: Path | None = None) -> Measure:
    """Measure the projector on a log that is there, from its first batch to the end of the log."""
    name, mark = f"{site.name}-projector", site.files / "projector.mark"
    extra = ("--profile", str(profile)) if profile is not None else ()
    count = await logs.length(site.settings)
    ends = await end_offsets(site.settings, CONSUMED)
    await ground.rest()
    connection = await asyncpg.connect(site.settings.database_url)
    try:
        await ground.start(site, name, "serve", "projector", "--mark", str(mark), *extra)
        await ground.wait_for(mark, name)
        before = ground.usage()
        ended = await consumed(ground, name, connection, PIPELINE, ends)
        usage = ground.usage(name) - before
        rows = await connection.fetchval(f"select count(*) from {schema_name(1)}.fact")
    finally:
        await connection.close()
        await ground.stop(name)
    expect("facts in the projection, of the log's records", rows, count)
    begun = json.loads(mark.read_text(encoding="utf-8"))
    usage = Usage(usage.kafka, usage.postgres, usage.ours - begun["cpu"])
    return Measure("projector", "live, log to all tables", count, ended - begun["at"], usage)


async def raw_copy(ground: Ground, site: Site, ours: Measure) -> Measure:
    """Measure COPY of the projector's rows into equal tables: logged, same indexes, one transaction.

    The rows are in memory in PostgreSQL's binary form beforehand: no log, no decoding, no repeats.
    """
    live_schema = schema_name(1)
    connection = await asyncpg.connect(site.settings.database_url)
    try:
        await connection.execute(f"create schema {_RAW}")
        content: dict[str, bytes] = {}
        for table in tables():
            await connection.execute(
                f'create table {_RAW}."{table.name}" (like {live_schema}."{table.name}" including all)'
            )
            buffer = io.BytesIO()
            await connection.copy_from_table(
                table.name, schema_name=live_schema, output=buffer, format="binary"
            )
            content[table.name] = buffer.getvalue()
        await ground.rest()
        before = ground.usage()
        began = time.monotonic()
        copied = 0
        async with connection.transaction():
            for name, rows in content.items():
                answer = await connection.copy_to_table(
                    name, schema_name=_RAW, source=io.BytesIO(rows), format="binary"
                )
                copied += int(answer.split()[-1])
        seconds = time.monotonic() - began
        usage = ground.usage() - before
        facts = await connection.fetchval(f"select count(*) from {_RAW}.fact")
        await connection.execute(f"drop schema {_RAW} cascade")
    finally:
        await connection.close()
    expect("facts copied", facts, ours.facts)
    measure = Measure(
        "projector", "raw COPY of the same rows", ours.facts, seconds, usage, note=f"{copied} rows"
    )
    return measure.ratio_of(ours, "projector to raw COPY")
