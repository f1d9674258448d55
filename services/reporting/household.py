"""A household's whole story: what every ledger has of it, its members, its facts, and what was found."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import asyncpg

from projections.fact import METADATA
from projections.ledgers import LEDGERS
from services.platform.database import Connection
from services.reporting.anomalies import facts_of, of_household
from services.reporting.filters import LedgerFilter
from services.reporting.ledgers import question_of
from services.reporting.paging import Row
from services.reporting.reach import check_within
from services.reporting.reading import UnknownHouseholdError, reading, require_closed


@dataclass(frozen=True, slots=True)
class Story:
    """All that is on record of a household.

    ``members``: a row a stay, months from (included) to (excluded; None: goes on). ``ledgers``: the rows of
    each ledger that can be asked by household, by its name. ``facts``: every fact that names the household,
    or one of its members in the ledgers, in order of (business date, event id); ``status`` says whether it
    counts. ``anomalies``: open and withdrawn, by month (None: of no month), rule and id.
    """

    household_no: str
    village: str | None
    members: list[Row]
    ledgers: Mapping[str, list[Row]]
    facts: list[Row]
    anomalies: list[Row]


async def story(pool: asyncpg.Pool, household_no: str, as_of: date | None = None) -> Story:
    """Return a household's story. Raises UnknownHouseholdError where nothing is on record of it."""
    asked = LedgerFilter(household_no=household_no, as_of=as_of)

    async def ask(connection: Connection) -> Story:
        await require_closed(connection, as_of)
        named = await connection.fetch(_NAMED, household_no, as_of)
        if not named:
            raise UnknownHouseholdError(household_no)
        village = await connection.fetchval(_VILLAGE, household_no, as_of)
        check_within(village)
        members = [dict(row) for row in await connection.fetch(_MEMBERS, household_no, as_of)]
        persons = await connection.fetch(_OF_PERSONS, [row["person_id"] for row in members])
        event_ids = {row["event_id"] for row in (*named, *persons)}
        facts = await facts_of(connection, list(event_ids), as_of)
        rows = {
            name: [dict(row) for row in await question_of(name, asked).rows(connection)]
            for name, declared in LEDGERS.items()
            if declared.household is not None
        }
        found = [
            {**row, "month": row["key"].get("month")}
            for row in await of_household(connection, household_no, as_of)
        ]
        found.sort(key=lambda row: (row["month"] or "", row["rule"], str(row["anomaly_id"])))
        return Story(household_no, village, members, rows, facts, found)

    return await reading(pool, ask)


# Announcements name the household as well, and stand among the anomalies.
_NAMED = """
SELECT DISTINCT event_id FROM recorded($2) WHERE household_no = $1 AND context <> 'anomalies'
"""
_OF_PERSONS = " UNION ".join(
    f'SELECT event_id FROM "{table.name}" WHERE person_id = ANY ($1::text[])'
    for table in METADATA.tables.values()
    if "person_id" in table.columns and "digest" in table.columns
)
_VILLAGE = "SELECT village FROM household_village(NULL, $2) WHERE household_no = $1"
_MEMBERS = """
SELECT programme, spell, person_id, relation, from_month, to_month, exit_kind
FROM stays(NULL, $2) WHERE household_no = $1 ORDER BY from_month, programme, person_id, to_month
"""
