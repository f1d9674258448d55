"""Alerting on a database of the test's own."""

from collections.abc import AsyncIterator

import pytest

from deploy.migrations.roles import OF_SERVICE, apply_roles, url_as
from services.detection.catalogue import publish
from services.platform.database import open_pool
from tests.services.alerting.office import Office


@pytest.fixture
async def office(migrated_database: str) -> AsyncIterator[Office]:
    """Alerting, with the words of all rules."""
    pool = await open_pool(migrated_database, size=4)
    try:
        async with pool.acquire() as connection:
            await publish(connection)
        yield Office(pool)
    finally:
        await pool.close()


@pytest.fixture
async def in_its_role(migrated_database: str, office: Office) -> AsyncIterator[Office]:
    """The same office at work in alerting's own role."""
    await apply_roles(migrated_database)
    pool = await open_pool(url_as(migrated_database, OF_SERVICE["alerting"]), size=4)
    try:
        yield Office(pool, office.log)
    finally:
        await pool.close()
