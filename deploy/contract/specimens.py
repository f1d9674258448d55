"""The examples as they stand on the log: records made with a key that everybody may know.

Sealing is randomised on a real log; here the nonce follows from the place, so that the same example always
makes the same record.
"""

import asyncio
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from hashlib import sha256
from typing import Any, cast
from uuid import UUID

import orjson
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from events.catalogue import BY_TYPE, CONTEXTS
from events.codec import encode
from events.envelope import event_id_of
from events.event_type import EventType
from events.examples import examples_of
from services.detection.announce import Verb, announcement
from services.platform.keys import Keys, hkdf
from services.platform.protection import Message, Protector, ReadableFact
from services.platform.vault import Vault

MASTER_KEY = bytes(range(32))
"""No deployment's: whoever reads this can open every specimen."""

KEYS = Keys.of(MASTER_KEY)


def salt_of(subject: str) -> bytes:
    """Return the salt under which a subject's values are sealed in specimens."""
    return sha256(subject.encode()).digest()[:16]


@dataclass(frozen=True, slots=True)
class Specimen:
    """A record of the log: ``fact`` is the structured CloudEvent that it was made of."""

    entry: EventType
    fact: dict[str, Any]
    key: bytes
    value: bytes
    headers: tuple[tuple[str, bytes], ...]

    @property
    def data(self) -> dict[str, Any]:
        """The value, as JSON values."""
        data: dict[str, Any] = orjson.loads(self.value)
        return data


class _Sealer:
    def __init__(self, subject: str) -> None:
        self._cipher = AESGCM(
            hkdf(KEYS.families["international"].seal, salt_of(subject), b"dibao/seal/1/" + subject.encode())
        )

    def seal(self, plain: bytes, bound_to: bytes) -> str:
        nonce = sha256(bound_to).digest()[:12]
        sealed = urlsafe_b64encode(nonce + self._cipher.encrypt(nonce, plain, bound_to))
        return "s1." + sealed.decode().rstrip("=")


class _Salts:
    async def sealers(self, subjects: Iterable[str]) -> dict[str, _Sealer]:
        return {subject: _Sealer(subject) for subject in subjects}


@cache
def specimens() -> Mapping[str, Specimen]:
    """Return a record of every type, by the type's name, in the catalogue's order."""
    facts = [fact for context in CONTEXTS for fact in examples_of(context)]
    return {specimen.entry.name: specimen for specimen in made_of(facts)}


def made_of(facts: Iterable[dict[str, Any]]) -> list[Specimen]:
    """Return the records that structured CloudEvents become, in their order.

    ``correlationid`` and ``sourcearea``, where given, are the receipt and the area of the source's key.
    """
    return asyncio.run(_made_of(facts))


async def _made_of(facts: Iterable[dict[str, Any]]) -> list[Specimen]:
    protector = Protector(KEYS, cast(Vault, _Salts()))
    made: list[Specimen] = []
    for fact in facts:
        entry, time = BY_TYPE[fact["type"]], datetime.fromisoformat(fact["time"])
        if entry.context == "anomalies":
            # The announcement's id is its own, not of source and serial.
            verb = cast(Verb, entry.verb)
            content = {**fact["data"], "anomaly_id": UUID(fact["data"]["anomaly_id"])}
            key, value, headers = encode(announcement(verb, time, **content))
        else:
            data = entry.readable.model_validate_json(orjson.dumps(fact["data"]))
            event_id = event_id_of(fact["source"], fact["id"])
            receipt, area = fact.get("correlationid"), fact.get("sourcearea")
            readable = ReadableFact(
                entry, event_id, fact["source"], fact["id"], time, data, receipt, source_area=area
            )
            [message] = await protector.protect([protector.prepare(readable)])
            assert isinstance(message, Message), message
            key, value, headers = message.key, message.value, message.headers
        made.append(Specimen(entry, fact, key, value, tuple(headers)))
    return made
