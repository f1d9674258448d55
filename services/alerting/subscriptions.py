"""Subscriptions as they are kept. Where one leads, and what signs it, is sealed with the master key."""

import os
import re
import secrets
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from services.alerting.subscription import STREAM, Bounds, Channel, Subscription, Wanted
from services.alerting.webhook import SECRET_PREFIX, SecretError, key_of
from services.platform import locks
from services.platform.database import Asked, Pool
from services.platform.keys import Keys
from services.platform.listening import is_loopback
from services.platform.settings import Family
from services.platform.vault import SubjectSealer, bound_to, sealer_of

COLUMNS = (
    "number, id, name, channel, rules, severities, verbs, programmes, area, most, window_seconds,"
    " gather_seconds, quiet_seconds"
)
_ADDRESS = re.compile(r"[^@\s<>,;:\"()\[\]\\]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
_AREA = re.compile("([0-9]{2}){0,3}|[0-9]{9}|[0-9]{12}", re.ASCII)


class SubscriptionError(Exception):
    """A subscription cannot be made or changed in this way; the message says why."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a subscription leads: an address, and for webhooks the key that signs."""

    address: str
    key: bytes = b""

    def __repr__(self) -> str:
        return "Target(…)"


def subscription_of(row: Mapping[str, Any]) -> Subscription:
    """Return a subscription from its row."""
    return Subscription(
        number=row["number"],
        id=row["id"],
        channel=row["channel"],
        wanted=Wanted(
            rules=frozenset(row["rules"]),
            severities=frozenset(row["severities"]),
            verbs=frozenset(row["verbs"]),
            programmes=frozenset(row["programmes"]),
            area=row["area"],
        ),
        bounds=Bounds(
            most=row["most"],
            window=timedelta(seconds=row["window_seconds"]),
            gather=timedelta(seconds=row["gather_seconds"]),
            quiet=timedelta(seconds=row["quiet_seconds"]),
        ),
    )


def target_of(keys: Keys, row: Mapping[str, Any]) -> Target:
    """Return where a subscription leads, opened. Raises SealBrokenError with another master key."""
    sealer = _sealer(keys, row["id"], row["salt"])
    name = str(row["id"])
    address = sealer.open(row["sealed_target"], bound_to(name, "target")).decode()
    if row["sealed_secret"] is None:
        return Target(address)
    return Target(address, key_of(sealer.open(row["sealed_secret"], bound_to(name, "secret")).decode()))


def _sealer(keys: Keys, subscription: UUID, salt: bytes, family: Family = "international") -> SubjectSealer:
    return sealer_of(keys, f"alert-subscription:{subscription}", salt, family)


def new_secret() -> str:
    """Return a secret that signs: 256 random bits."""
    return SECRET_PREFIX + b64encode(secrets.token_bytes(32)).decode()


def check(
    name: str, channel: Channel, target: str, wanted: Wanted, known: Mapping[str, Sequence[str]]
) -> None:
    """Raise SubscriptionError where something cannot be subscribed to so.

    ``known``: of rules, severities, verbs and programmes the words that there are.
    """
    if not re.fullmatch(r"\S(.{0,98}\S)?", name) or not name.isprintable():
        raise SubscriptionError("a subscription's name has 1 to 100 visible characters")
    if not _AREA.fullmatch(wanted.area):
        raise SubscriptionError("an area is a division code, or the first 2, 4, 6 or 9 of its 12 digits")
    for field, words in known.items():
        if unknown := getattr(wanted, field) - set(words):
            raise SubscriptionError(
                f"{', '.join(sorted(unknown))}: expected one of {', '.join(sorted(words)) or 'none yet'}"
            )
    if channel == "webhook":
        parts = urlsplit(target)
        if parts.scheme not in ("https", "http") or not parts.hostname:
            raise SubscriptionError("a webhook's target is an https:// address")
        if parts.scheme == "http" and not is_loopback(parts.hostname):
            raise SubscriptionError("a webhook's target is an https:// address, unless it is on this machine")
    elif not _ADDRESS.fullmatch(target) or not target.isascii():
        raise SubscriptionError("the target of e-mail is one address, as office@example.gov.cn")


def shown_of(channel: Channel, target: str) -> str:
    """Return what is shown of a target: a webhook's host, of an e-mail address the first letter and host."""
    if channel == "webhook":
        parts = urlsplit(target)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/…"
    return f"{target[0]}…@{target.rpartition('@')[2]}"


_SUBSCRIBE = """
INSERT INTO alerting.subscription (id, name, channel, rules, severities, verbs, programmes, area, most,
  window_seconds, gather_seconds, quiet_seconds, shown, salt, sealed_target, sealed_secret, by, after_place)
SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, coalesce(max(place), 0)
FROM alerting.announcement
ON CONFLICT DO NOTHING RETURNING number
"""


async def subscribe(
    pool: Pool,
    keys: Keys,
    family: Family,
    *,
    name: str,
    channel: Channel,
    target: str,
    secret: str | None,
    wanted: Wanted,
    bounds: Bounds,
    by: str,
) -> int:
    """Keep a subscription to what is decided from now on; return its number.

    Where it leads is sealed with a family of algorithms. Raises SubscriptionError; ``check`` has looked at
    the rest.
    """
    if (channel == "webhook") != (secret is not None):
        raise SubscriptionError("a webhook has a secret that signs, e-mail has none")
    try:
        key_of(secret or new_secret())
    except SecretError as error:
        raise SubscriptionError(str(error)) from None
    identity, salt = uuid4(), os.urandom(16)
    sealer = _sealer(keys, identity, salt, family)
    async with pool.acquire() as connection, connection.transaction():
        # Nobody decides meanwhile, so that it is certain what it is told of.
        await connection.execute("SELECT pg_advisory_xact_lock($1)", locks.ALERTING)
        number = await connection.fetchval(
            _SUBSCRIBE,
            identity,
            name,
            channel,
            *(sorted(getattr(wanted, field)) for field in ("rules", "severities", "verbs", "programmes")),
            wanted.area,
            bounds.most,
            bounds.window.total_seconds(),
            bounds.gather.total_seconds(),
            bounds.quiet.total_seconds(),
            shown_of(channel, target),
            salt,
            sealer.seal(target.encode(), bound_to(str(identity), "target")),
            None if secret is None else sealer.seal(secret.encode(), bound_to(str(identity), "secret")),
            by,
        )
    if number is None:
        raise SubscriptionError(f"there is a subscription {name} already: end it, or choose another name")
    return int(number)


async def unsubscribe(connection: Asked, name: str) -> None:
    """End a subscription, and destroy where it led. Raises SubscriptionError."""
    number = await number_of(connection, name)
    await connection.execute(
        "UPDATE alerting.subscription SET ended_at = now(), salt = NULL, sealed_target = NULL,"
        " sealed_secret = NULL WHERE number = $1",
        number,
    )


async def number_of(connection: Asked, name: str) -> int:
    """Return the number of a subscription that lasts. Raises SubscriptionError."""
    number = await connection.fetchval(
        "SELECT number FROM alerting.subscription WHERE name = $1 AND ended_at IS NULL AND number <> $2",
        name,
        STREAM,
    )
    if number is None:
        raise SubscriptionError(f"there is no subscription {name}")
    return int(number)


async def listed(connection: Asked) -> list[dict[str, Any]]:
    """Return every subscription that lasts, with what is shown of its target, and how its notices stand."""
    rows = await connection.fetch(
        f"""
        SELECT {COLUMNS}, shown, by, made_at, resting_until, storm_began IS NOT NULL AS storm, n.*
        FROM alerting.subscription AS s CROSS JOIN LATERAL (
          SELECT count(*) FILTER (WHERE state = 'delivered') AS delivered,
            count(*) FILTER (WHERE state = 'due') AS due, count(*) FILTER (WHERE state = 'parked') AS parked
          FROM alerting.notice WHERE subscription = s.number
        ) AS n
        WHERE ended_at IS NULL AND channel <> 'stream' ORDER BY name
        """
    )
    return [{name: value for name, value in row.items() if name != "id"} for row in rows]
