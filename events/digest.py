"""The content digest: sealing is randomised, so only this tells whether two versions are the same."""

import hmac
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import orjson

from events.form import Fact


def canonical_content(event_type: str, time: datetime, data: Fact) -> bytes:
    """Return the canonical plaintext content of a readable fact: type, instant, data without empty fields."""
    return canonical_json(event_type, time, data.model_dump(mode="json", by_alias=True, exclude_none=True))


def canonical_json(event_type: str, time: datetime, data: dict[str, Any]) -> bytes:
    """Return the canonical content of a fact whose data are JSON values already, without empty fields."""
    content: dict[str, Any] = {"type": event_type, "time": time.astimezone(UTC), "data": data}
    return orjson.dumps(content, option=orjson.OPT_SORT_KEYS)


def digest_of(key: bytes, content: bytes) -> str:
    """Return the keyed digest of a canonical content: 128 bits of HMAC-SHA256, in hex."""
    return hmac.digest(key, content, sha256)[:16].hex()
