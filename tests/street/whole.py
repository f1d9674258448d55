"""All services of a deployment in one event loop, on real servers, with an upstream beside them."""

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import asyncpg
import httpx

from deploy.cli.progress import wait_until_done
from deploy.cli.publisher import Publisher
from deploy.cli.serving import serve_services
from deploy.deployment import PROCESSES, WITH_HTTP, Deployment, urls_of
from deploy.local import Stack
from deploy.migrations import upgrade
from deploy.migrations.roles import OPERATOR, apply_roles, url_as, url_of
from services.closer.closing import close_day
from services.platform.database import open_pool
from services.platform.keys import Keys
from services.platform.settings import Family, Settings
from services.platform.signing import note_signed
from services.platform.topics import create_topics
from tests.operator import OPERATOR_KEY, make_operator
from tests.ports import free_port

_RUN = tuple(name for name in PROCESSES if name not in ("closer", "reporting", "journal"))


@dataclass
class Whole:
    """A running deployment: its settings, a pool for readers, and the local operator as upstream."""

    deployment: Deployment
    pool: asyncpg.Pool
    upstream: Publisher

    @property
    def settings(self) -> Settings:
        return self.deployment.settings

    async def close_day(self, day: str) -> None:
        await close_day(self.settings, date.fromisoformat(day))

    async def settle(self) -> None:
        """Wait until everything is worked through; fails after a minute."""
        done = await wait_until_done(self.settings, self.pool, patience=60)
        assert done is not None, "there was still something to do after a minute"


@asynccontextmanager
async def whole(
    stack: Stack,
    database: str,
    folder: Path,
    *,
    journal: bool = False,
    prefix: str | None = None,
    ciphers: Family = "international",
) -> AsyncIterator[Whole]:
    """Give a deployment of its own: topics of its own, an empty database, a new master key.

    ``journal``: one is kept as well, in the folder. ``prefix``: of the topics of a former one,
    whose keys are in the folder: it goes on.
    """
    key = folder / "master.key"
    Keys.create(key)
    settings = Settings(
        kafka=stack.kafka,
        database_url=database,
        topic_prefix=prefix or f"t{uuid.uuid4().hex[:8]}",
        master_key_file=key,
        journal=folder / "journal",
        journal_key_file=folder / "journal.key",
        ciphers=ciphers,
    )
    await asyncio.to_thread(upgrade, database)
    await apply_roles(database)
    await make_operator(database)
    await note_signed(settings, await create_topics(settings))
    stop = asyncio.Event()
    urls: dict[str, str] = {}
    bases: list[str] = []
    running = []
    for name in (*_RUN, "journal") if journal else _RUN:
        own = settings.model_copy(update={"database_url": url_of(database, PROCESSES[name][0])})
        if name in WITH_HTTP:
            port = free_port()
            own = own.model_copy(update={"port": port})
            base = f"http://127.0.0.1:{port}"
            bases.append(base)
            urls |= urls_of(name, base)
        running.append(asyncio.create_task(serve_services(PROCESSES[name], own, stop), name=name))
    operator = settings.model_copy(update={"database_url": url_as(database, OPERATOR)})
    pool = await open_pool(operator.database_url, size=2)
    try:
        async with httpx.AsyncClient(timeout=60, follow_redirects=True) as client:
            deployment = Deployment(operator, urls, database)
            upstream = Publisher(deployment, client, OPERATOR_KEY)
            for url in bases:
                await _healthy(client, url, running)
            yield Whole(deployment, pool, upstream)
    finally:
        await pool.close()
        stop.set()
        await asyncio.gather(*running)


async def _healthy(client: httpx.AsyncClient, url: str, running: list[asyncio.Task[None]]) -> None:
    for _ in range(300):
        for task in running:
            if task.done():
                task.result()
        with contextlib.suppress(httpx.TransportError):
            if (await client.get(f"{url}/health")).status_code == 200:
                return
        await asyncio.sleep(0.1)
    raise AssertionError(f"{url} did not answer")
