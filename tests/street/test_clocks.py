"""In a street, what clocks show as overdue or late is what the world left undone, and nothing else."""

import secrets
from datetime import date

import pytest

from services.platform.database import open_pool
from services.projector.generation import ensure
from services.reporting import queries
from services.reporting.queries import ViewFilter
from services.simulator import Settings, World
from tests.projections.log import Log
from tests.projections.reading import read

CLOCKS = {
    "application-clock": ("application", "application_no"),
    "batch-unsettled": ("batch", "batch_no"),
    "clue-untransferred": ("clue_transfer", "clue_no"),
    "clue-unverified": ("clue_verification", "clue_no"),
    "custody-unchecked": ("custody_check", "custody_no"),
    "kinship-unreviewed": ("kinship_review", "filing_no"),
    "petition-overdue": ("petition", "petition_no"),
    "reply-overdue": ("call", "call_no"),
    "screening-waiting": ("screening", "screening_no"),
    "task-behind": ("task", "task_no"),
}
"""By rule the kind of thing that has the clock, and the field of the label that has its number."""
SEEDS = (
    pytest.param(1, id="1"),
    pytest.param(secrets.randbelow(10**6), id="of this run", marks=pytest.mark.slow),
)
Due = tuple[str, str | None]


@pytest.mark.parametrize("seed", SEEDS)
async def test_what_is_overdue_is_what_was_left_undone(database: str, seed: int) -> None:
    print(f"seed {seed}")
    world = World(Settings(households=300, first="2021-01", last="2021-12", seed=seed))
    log = Log()
    for day in world.days():
        await log.state(*day.facts)
    document = world.document()
    pool = await open_pool(database, size=2)
    try:
        async with pool.acquire() as connection:
            await ensure(connection)
        await read(pool, log)
        asked = ViewFilter(until=date.fromisoformat(document["as_of"]))
        rows = (await queries.view(pool, "clocks", asked)).rows
    finally:
        await pool.close()

    for rule, (kind, number) in CLOCKS.items():
        labels: dict[str, Due] = {
            label["key"][number]: (label["due_on"], label.get("done_on"))
            for label in document["anomalies"]
            if label["rule"] == rule and label["key"].get("stage", "decision") == "decision"
        }
        late: dict[str, Due] = {
            row["number"]: (str(row["due_on"]), row["done_on"] and str(row["done_on"]))
            for row in rows
            if row["kind"] == kind and row["state"] in ("overdue", "late")
        }
        assert len(labels) > 2, rule
        assert late == labels, rule
