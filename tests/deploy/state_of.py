"""What a deployment says: rows of ledgers' tables and of findings, and the cells of Annex 2."""

import json
from typing import Any

import asyncpg

from tests.deploy.cli.terminal import Terminal

_TABLES = "SELECT relname FROM pg_class WHERE relnamespace = $1::regnamespace AND relkind = 'r' ORDER BY 1"


async def state_of(terminal: Terminal, database: str, until: str) -> dict[str, Any]:
    """Return all of it, in an order that does not depend on how it came about."""
    connection = await asyncpg.connect(database)
    try:
        live = dict(await connection.fetch("SELECT name, live FROM platform.generation"))
        schema = f"projection_g{live['projection']}"
        tables: dict[str, Any] = {
            name: sorted(
                str(tuple(row)) for row in await connection.fetch(f'SELECT * FROM {schema}."{name}"')
            )
            for (name,) in await connection.fetch(_TABLES, schema)
        }
        findings = await connection.fetch(
            f"SELECT * FROM detection_g{live['detection']}.finding ORDER BY anomaly_id"
        )
    finally:
        await connection.close()
    annex2 = await terminal.run("annex2", "--until", until, "--format", "json")
    return {
        **tables,
        "findings": [dict(row) for row in findings],
        "annex2": json.loads(annex2.stdout),
    }
