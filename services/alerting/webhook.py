"""Webhooks: a notice as a CloudEvent, posted and signed as Standard Webhooks has it."""

import hmac
from base64 import b64decode, b64encode
from binascii import Error as NotBase64Error
from datetime import datetime
from hashlib import sha256
from uuid import UUID

import httpx
import orjson

from services.alerting.attempt import Attempt, Outcome
from services.alerting.notice import Content, cloud_event

SECRET_PREFIX = "whsec_"  # noqa: S105 - how a secret begins
_LEAST, _MOST = 24, 64


class SecretError(Exception):
    """A secret cannot sign; the message says how one looks."""


def key_of(secret: str) -> bytes:
    """Return the key that a secret (``whsec_`` and Base64) names. Raises SecretError."""
    try:
        key = b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except (NotBase64Error, ValueError):
        key = b""
    if not secret.startswith(SECRET_PREFIX) or not _LEAST <= len(key) <= _MOST:
        raise SecretError("a secret is whsec_ and 24 to 64 bytes in Base64")
    return key


def signature(key: bytes, notice: UUID, timestamp: int, body: bytes) -> str:
    """Return the signature of a message: ``v1,`` and Base64 of the HMAC-SHA256 of ``id.timestamp.body``."""
    signed = hmac.digest(key, f"{notice}.{timestamp}.".encode() + body, sha256)
    return f"v1,{b64encode(signed).decode()}"


def body_of(notice: UUID, content: Content, made_at: datetime) -> bytes:
    """Return what is posted: the same bytes at every attempt."""
    return orjson.dumps(cloud_event(notice, content, made_at), option=orjson.OPT_SORT_KEYS)


def headers_of(
    key: bytes, notice: UUID, now: datetime, body: bytes, trace: str | None = None
) -> dict[str, str]:
    """Return the headers of an attempt. ``trace``: the context that the receiver may go on with."""
    timestamp = int(now.timestamp())
    followed = {} if trace is None else {"traceparent": trace}
    return followed | {
        "content-type": "application/cloudevents+json; charset=utf-8",
        "user-agent": "dibao-alerting",
        "webhook-id": str(notice),
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature(key, notice, timestamp, body),
    }


async def post(client: httpx.AsyncClient, url: str, body: bytes, headers: dict[str, str]) -> Attempt:
    """Post a message; return what became of it. Redirects are not followed."""
    try:
        answer = await client.post(url, content=body, headers=headers)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        # Only the kind of error is kept: a message may quote the address, and what is secret in it.
        return Attempt(Outcome.AWAY, None, type(error).__name__)
    status = answer.status_code
    if 200 <= status < 300:
        return Attempt(Outcome.DELIVERED, status, None)
    if status == httpx.codes.GONE:
        return Attempt(Outcome.GONE, status, "gone")
    away = status >= 500 or status in (httpx.codes.REQUEST_TIMEOUT, httpx.codes.TOO_MANY_REQUESTS)
    return Attempt(Outcome.AWAY if away else Outcome.REFUSED, status, "answered")
