"""From readable facts to what the log may hold: tokens, match keys and sealed values in place of persons."""

import asyncio
import contextlib
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import orjson

from events.codec import encode_headers
from events.digest import canonical_json, digest_of
from events.event_type import EventType, Protection
from events.form import Fact
from events.id_numbers import canonical_id_number, issued
from services.platform.identity import Identity
from services.platform.keys import Keys
from services.platform.limits import FACTS_AT_ONCE
from services.platform.settings import Family
from services.platform.topics import MAX_FACT_BYTES
from services.platform.vault import SealBrokenError, Vault, bound_to

Path = tuple[str, ...]


# Structs and not dataclasses: a fact passes through each of these, and they are made ten times as fast.
class ReadableFact(msgspec.Struct, frozen=True, gc=False):
    """A fact as upstream stated it, validated: ``data`` is the readable model of its type.

    ``source_area`` is the area that the key is bound to which states it (``None``: to none), and
    ``newcomers`` whether that key may state facts of households of which nobody knows where they live.
    """

    entry: EventType
    event_id: UUID
    source: str
    serial: str
    time: datetime
    data: Fact
    correlation_id: str | None = None
    causation_id: str | None = None
    source_area: str | None = None
    newcomers: bool = True


class Message(msgspec.Struct, frozen=True, gc=False):
    """A record for the log."""

    event_id: UUID
    digest: str
    key: bytes
    value: bytes
    headers: list[tuple[str, bytes]]


class Refusal(msgspec.Struct, frozen=True):
    """Why a fact may not go onto the log: which field, and the code of what was expected. Never the value."""

    field: str
    code: str


class Prepared(msgspec.Struct, frozen=True, gc=False):
    """A fact with its tokens, still waiting for the keys of its subjects."""

    fact: ReadableFact
    digest: str
    data: dict[str, Any]
    seals: list[tuple[str, dict[str, Any], str, str, bytes]]
    """(subject, where, under which name, path, plain) of each value to seal."""


class Protector:
    """Makes log records of readable facts."""

    def __init__(self, keys: Keys, vault: Vault, tokens: Family = "international") -> None:
        self._keys = keys
        self._vault = vault
        self._identity = Identity(keys, tokens)

    @property
    def identity(self) -> Identity:
        """The tokens of this deployment."""
        return self._identity

    def prepare(self, fact: ReadableFact) -> Prepared:
        """Return a fact with its digest and its tokens in place; not yet sealed."""
        # What model_dump does, less its many keywords.
        data: dict[str, Any] = fact.data.__pydantic_serializer__.to_python(
            fact.data, mode="json", by_alias=True, exclude_none=True
        )
        content = canonical_json(fact.entry.name, fact.time, data)
        digest = digest_of(self._keys.digest, content)
        seals: list[tuple[str, dict[str, Any], str, str, bytes]] = []
        texts: list[tuple[dict[str, Any], str, str]] = []
        for spot in fact.entry.protected:
            name = spot.path[0]
            if name not in data:
                continue
            if len(spot.path) == 1:
                self._replace(spot.protection, fact.source, data, name, name, seals, texts)
                continue
            for parent, name, path in _places(data, spot.path, ""):
                self._replace(spot.protection, fact.source, parent, name, path, seals, texts)
        if texts:
            subject = text_subject(fact.entry, data)
            seals.extend((subject, parent, name, path, parent[name].encode()) for parent, name, path in texts)
        return Prepared(fact, digest, data, seals)

    async def protect(self, prepared: Sequence[Prepared]) -> list[Message | Refusal]:
        """Seal a batch, with one round-trip to the vault, and return its records, or why there is none."""
        subjects = {seal[0] for item in prepared for seal in item.seals}
        sealers = await self._vault.sealers(subjects)
        messages: list[Message | Refusal] = []
        for at, item in enumerate(prepared):
            if at % FACTS_AT_ONCE == FACTS_AT_ONCE - 1:
                await asyncio.sleep(0)
            event_id = str(item.fact.event_id)
            for subject, parent, name, path, plain in item.seals:
                parent[name] = sealers[subject].seal(plain, bound_to(event_id, path))
            messages.append(self._message(item, event_id))
        return messages

    def check(self, prepared: Prepared) -> Refusal | None:
        """Return why the log would not take a fact, without sealing anything: of a trial nothing is kept."""
        for _, parent, name, _, _ in prepared.seals:
            parent[name] = "s1."
        message = self._message(prepared, str(prepared.fact.event_id))
        return message if isinstance(message, Refusal) else None

    async def texts(self, event_id: UUID, entry: EventType, data: dict[str, Any]) -> dict[str, str]:
        """Return the free texts of a fact on the log by their paths, opened; erased ones are left out."""
        found: dict[str, str] = {}
        for spot in entry.protected:
            if spot.protection != "text":
                continue
            for parent, name, path in _places(data, spot.path, ""):
                with contextlib.suppress(SealBrokenError):
                    subject = text_subject(entry, data)
                    plain = await self._vault.open(subject, str(event_id), path, parent[name])
                    found[path] = plain.decode()
        return found

    def _replace(
        self,
        protection: Protection,
        source: str,
        parent: dict[str, Any],
        name: str,
        path: str,
        seals: list[tuple[str, dict[str, Any], str, str, bytes]],
        texts: list[tuple[dict[str, Any], str, str]],
    ) -> None:
        value = parent[name]
        if protection == "text":
            texts.append((parent, name, path))
        elif protection == "person":
            id_number = value.get("id_number")
            token = (
                self._identity.person_token(id_number)
                if id_number is not None
                else self._identity.person_token(value["local_no"], source)
            )
            names = orjson.Fragment(self._identity.name_keys_json(value["name"]))
            parent[name] = new = {"person_id": token, "names": names}
            seals.append((token, new, "sealed", path, orjson.dumps(value)))
        elif protection == "account":
            token = self._identity.account_token(value["number"])
            parent[name] = new = {
                "account_id": token,
                "holder": orjson.Fragment(self._identity.name_keys_json(value["holder_name"])),
                "institution": value["institution"],
            }
            if "bank" in value:
                new["bank"] = value["bank"]
            plain = {"number": value["number"], "holder_name": value["holder_name"]}
            seals.append((token, new, "sealed", path, orjson.dumps(plain)))
        else:
            token = self._identity.account_token(value)
            parent[name] = new = {"account_id": token}
            seals.append((token, new, "sealed", path, orjson.dumps({"number": value})))

    def _message(self, item: Prepared, event_id: str) -> Message | Refusal:
        fact = item.fact
        key = fact.entry.key_of(item.data)
        value = orjson.dumps(item.data)
        if holds_id_number(b"\n".join((value, fact.serial.encode(), fact.source.encode()))):
            shown = (("id", fact.serial), ("source", fact.source))
            field = next((name for name, text in shown if holds_id_number(text.encode())), None)
            if field := field or _field_with_id_number(item.data):
                return Refusal(field, "id-number-shown")
        if len(value) > MAX_FACT_BYTES:
            return Refusal("event", "fact-too-large")
        headers = encode_headers(
            event_id,
            fact.entry.name,
            fact.source,
            fact.serial,
            fact.time,
            key,
            item.digest,
            fact.correlation_id,
            fact.causation_id,
            fact.source_area,
        )
        return Message(fact.event_id, item.digest, key.encode(), value, headers)


def text_subject(entry: EventType, data: dict[str, Any]) -> str:
    """Return whose key seals the free text of a fact, from the log's data: a token, or ``household_no:…``."""
    for path in entry.seal_under:
        value: Any = data
        for name in path:
            value = value.get(name) if isinstance(value, dict) else None
        if value is not None:
            return str(value) if path[-1] == "person_id" else f"{path[-1]}:{value}"
    raise ValueError(f"{entry.name} has free text and nothing to seal it under")


class SealedValue(msgspec.Struct, frozen=True):
    """A sealed value of a fact on the log: whose it is, where it stands, of what kind."""

    subject: str
    path: str
    kind: Protection
    sealed: str


def sealed_values(entry: EventType, data: dict[str, Any]) -> Iterator[SealedValue]:
    """Yield what is sealed in the log's data of a fact."""
    for spot in entry.protected:
        for parent, name, path in _places(data, spot.path, ""):
            value = parent[name]
            if value is None:
                continue
            if spot.protection == "text":
                yield SealedValue(text_subject(entry, data), path, spot.protection, value)
            else:
                subject = value["person_id" if spot.protection == "person" else "account_id"]
                yield SealedValue(subject, path, spot.protection, value["sealed"])


def sealed_subjects(entry: EventType, data: dict[str, Any]) -> set[str]:
    """Return whose keys seal values of a fact, from the log's data as ``events.reading`` gives them.

    What is sealed and always there is left out of these.
    """
    found: set[str] = set()
    for spot in entry.protected:
        for value in _values(data, spot.path):
            if value is None:
                continue
            if spot.protection == "text":
                found.add(text_subject(entry, data))
            else:
                found.add(value["person_id" if spot.protection == "person" else "account_id"])
    return found


def _values(data: Any, path: Path) -> Iterator[Any]:
    # ``...`` stands for what is left out.
    if not path:
        yield data
    elif path[0] == "*":
        for item in data if isinstance(data, list) else ():
            yield from _values(item, path[1:])
    elif isinstance(data, dict):
        value = data.get(path[0], ...)
        if value is ... and len(path) == 1:
            yield value
        elif value is not ...:
            yield from _values(value, path[1:])


def _places(data: Any, path: Path, prefix: str) -> Iterator[tuple[dict[str, Any], str, str]]:
    # Where the value of a path stands: its parent, its name there, and its path with list positions.
    name, rest = path[0], path[1:]
    if not isinstance(data, dict) or name not in data:
        return
    if not rest:
        yield data, name, prefix + name
    elif rest[0] != "*":
        yield from _places(data[name], rest, f"{prefix}{name}.")
    elif len(rest) == 1:
        # A list of protected values themselves: each item is the value.
        holder = data[name]
        for at in range(len(holder)):
            yield holder, at, f"{prefix}{name}.{at}"  # type: ignore[misc]
    else:
        for at, item in enumerate(data[name]):
            yield from _places(item, rest[1:], f"{prefix}{name}.{at}.")


def _first(data: Any, found: Callable[[Any], bool]) -> str | None:
    return next((field for field, value in _leaves(data) if found(value)), None)


def _leaves(data: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(data, dict):
        for name, value in data.items():
            yield from _leaves(value, f"{path}.{name}" if path else name)
    elif isinstance(data, list):
        for at, value in enumerate(data):
            yield from _leaves(value, f"{path}.{at}")
    else:
        yield path, data


_CANDIDATE = re.compile(
    rb"(?=([1-9]\d{5}(?:18|19|20)\d{2}[01]\d[0-3]\d{4}[\dXx]))|(?<![A-Za-z])(?=([A-Za-z]{3}\d{12})(?!\d))"
)
_KINDS = bytes(
    1 if 48 <= code <= 57 else 2 if chr(code).isascii() and chr(code).isalpha() else 0 for code in range(256)
)
_SEVENTEEN = b"\x01" * 17
_CARD = b"\x02" * 3 + b"\x01" * 12
_FULL_WIDTH = b"\xef\xbc"


def holds_id_number(text: bytes) -> bool:
    """Whether UTF-8 text shows a person's number: where it is issued, date of birth, check digit all right.

    One of 18 characters, or of an older permanent residence card.
    """
    if _FULL_WIDTH in text:
        text = unicodedata.normalize("NFKC", text.decode()).encode()
    # Thirty times as fast as the pattern, which has to be tried at every place of every fact.
    kinds = text.translate(_KINDS)
    if _SEVENTEEN not in kinds and _CARD not in kinds:
        return False
    for match in _CANDIDATE.finditer(text):
        try:
            number = canonical_id_number((match[1] or match[2]).decode())
        except ValueError:
            continue
        if issued(number):
            return True
    return False


def _field_with_id_number(data: dict[str, Any]) -> str | None:
    def shows(value: Any) -> bool:
        text = str(value)
        return not text.startswith("s1.") and holds_id_number(text.encode())

    field = _first(data, shows)
    return f"data.{field}" if field else None
