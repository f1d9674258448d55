"""Records as an earlier version wrote them."""

import re
from collections.abc import Sequence
from hashlib import sha256
from typing import Any, cast

import asyncpg
import orjson

from services.intake.envelope import read_event
from services.intake.horizon import Horizon
from services.intake.sources import OPERATOR
from services.platform.keys import Keys
from services.platform.protection import Message, Prepared, Protector, ReadableFact
from services.platform.vault import Vault

KEYS = Keys.of(bytes(range(32)))


def salt_of(subject: str) -> bytes:
    """The salt of a subject in these records."""
    return sha256(subject.encode()).digest()[:16]


class Salts:
    """A vault's table in which every subject has its salt."""

    async def fetch(self, _: str, subjects: Sequence[str], *__: object) -> list[tuple[str, bytes]]:
        return [(subject, salt_of(subject)) for subject in subjects]

    async def fetchval(self, _: str, subject: str) -> bytes:
        return salt_of(subject)


def vault() -> Vault:
    """A vault with these salts."""
    return Vault(cast(asyncpg.Pool, Salts()), KEYS)


async def record_of(fact: dict[str, Any]) -> Message:
    """The record that is made of a fact today."""
    context = fact["type"].split(".")[1]
    readable = read_event(orjson.dumps(fact), OPERATOR, context, Horizon.now(24), "a receipt")
    assert isinstance(readable, ReadableFact), readable
    protector = Protector(KEYS, vault())
    prepared = protector.prepare(readable)
    assert isinstance(prepared, Prepared), prepared
    [message] = await protector.protect([prepared])
    assert isinstance(message, Message), message
    return message


def as_version_1(value: str) -> str:
    """A value less what version 2 of the rules for names adds to the keys that version 1 made."""
    return re.sub(r',"folded":\{[^}]*\}', "", value).replace('"normaliser":2', '"normaliser":1')
