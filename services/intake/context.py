"""What a context service is: a declaration, and the intake that is opened for it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import asyncpg

from events.catalogue import dead_letter_topic, intake_topic, log_topic
from services.intake.acceptance import Acceptor
from services.intake.admission import Admission
from services.intake.backlog import Backlog
from services.intake.declaration import Declaration
from services.intake.horizon import Horizon
from services.intake.publisher import Publisher
from services.intake.recall import Recall
from services.intake.signatures import Signatures
from services.intake.sources import Source, authenticate
from services.intake.template_store import Templates
from services.platform.authorship import LogKeys
from services.platform.database import open_pool
from services.platform.keys import Keys
from services.platform.lineage import LogWatch
from services.platform.listening import is_loopback, on_loopback
from services.platform.protection import Protector
from services.platform.settings import Settings
from services.platform.topics import check_limits
from services.platform.vault import Vault


@dataclass(frozen=True)
class Intake:
    """The open intake of one context: what HTTP, files and the intake topic share."""

    declaration: Declaration
    settings: Settings
    keys: Keys
    pool: asyncpg.Pool
    publisher: Publisher
    vault: Vault
    protector: Protector
    acceptor: Acceptor
    admission: Admission
    backlog: Backlog = field(default_factory=Backlog)
    templates: Templates = field(default_factory=Templates)

    @property
    def context(self) -> str:
        """The context's name."""
        return self.declaration.context

    def horizon(self) -> Horizon:
        """Return until when something that is received now may have happened."""
        return Horizon.now(self.settings.max_ahead_hours)

    def signatures(self) -> Signatures:
        """Return what tells who signed the records of a batch."""
        operator = self.settings.local_operator and on_loopback(self.settings.kafka)
        return Signatures(self.pool, operator=operator)

    async def bearer(self, authorization: str) -> Source | None:
        """Return which source's key stands in the header of a record; never an operator's."""
        return await authenticate(self.pool, authorization.partition(" ")[2].strip(), operator=False)

    async def caller(self, authorization: str | None) -> Source | None:
        """Return whose ``Authorization: Bearer …`` this is, or ``None``."""
        scheme, _, key = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not key.strip():
            return None
        operator = self.settings.local_operator and is_loopback(self.settings.host)
        return await authenticate(self.pool, key.strip(), operator=operator)


@asynccontextmanager
async def open_intake(
    declarations: Sequence[Declaration], settings: Settings
) -> AsyncIterator[tuple[Intake, ...]]:
    """Open the intake of contexts, which share their connections, and close it.

    Raises KeyFileError without a master key or a log key, WrongKeyError where the vault was sealed with
    another master key or has other tokens, CiphersMissingError.
    """
    keys, log_keys = Keys.from_settings(settings), LogKeys.from_settings(settings)
    pool = await open_pool(settings.database_url, size=8)
    publisher, recall, watch = Publisher(settings, pool), Recall(settings), LogWatch(settings)
    admission = Admission(settings.source_rate, settings.source_rates)
    try:
        prefix = settings.topic_prefix
        names = {topic(prefix, each.context) for each in declarations for topic in (intake_topic, log_topic)}
        await check_limits(settings, {*names, dead_letter_topic(prefix)})
        vault = Vault(pool, keys, family=settings.ciphers, tokens=settings.token_family)
        await vault.check()
        protector = Protector(keys, vault, settings.token_family)
        intakes = tuple(
            Intake(
                declaration,
                settings,
                keys,
                pool,
                publisher,
                vault,
                protector,
                Acceptor(settings, declaration.context, pool, protector, publisher, log_keys, recall, watch),
                admission,
            )
            for declaration in declarations
        )
        for intake in intakes:
            await intake.acceptor.begin()
        yield intakes
    finally:
        await watch.close()
        await recall.close()
        await publisher.close()
        await pool.close()
