"""How every client of ours reaches Kafka: where it is, over TLS or not, and as whom we speak."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from aiokafka.abc import AbstractTokenProvider
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import for_code

from services.platform.running import to_its_end
from services.platform.settings import Settings

RETRY_MS = 300
"""Between tries of a client, each of which has several things that it tries: a Kafka that is away is asked by
none of ours more than some ten times a second."""


class KafkaSettingsError(Exception):
    """A setting of Kafka's connection lacks what it needs; the message names it."""


class _TokenFile(AbstractTokenProvider):  # type: ignore[misc]
    """The token that stands in a file: whoever issues it writes it anew before it ends."""

    def __init__(self, file: Path) -> None:
        self._file = file

    async def token(self) -> str:
        return _secret(self._file)


def connection(settings: Settings) -> dict[str, Any]:
    """Return what each of aiokafka's clients is told of its broker. Raises KafkaSettingsError."""
    told: dict[str, Any] = {
        "bootstrap_servers": settings.kafka,
        "security_protocol": settings.kafka_security,
        "retry_backoff_ms": RETRY_MS,
    }
    if settings.kafka_security in ("SSL", "SASL_SSL"):
        told["ssl_context"] = _tls(
            settings.kafka_ca_file, settings.kafka_certificate_file, settings.kafka_key_file
        )
    if settings.kafka_security.startswith("SASL"):
        told["sasl_mechanism"] = settings.kafka_mechanism
        if settings.kafka_mechanism == "OAUTHBEARER":
            told["sasl_oauth_token_provider"] = _TokenFile(
                _named(settings.kafka_token_file, "DIBAO_KAFKA_TOKEN_FILE")
            )
        else:
            if not settings.kafka_user:
                raise KafkaSettingsError("DIBAO_KAFKA_USER is missing: as whom to speak to Kafka")
            told["sasl_plain_username"] = settings.kafka_user
            told["sasl_plain_password"] = _secret(
                _named(settings.kafka_password_file, "DIBAO_KAFKA_PASSWORD_FILE")
            )
    return told


@asynccontextmanager
async def administration(settings: Settings, **more: Any) -> AsyncIterator[AIOKafkaAdminClient]:
    """Give a client that administers Kafka, and close it, also where it could not be started."""
    admin = AIOKafkaAdminClient(**connection(settings), **more)
    try:
        # A client that is cancelled while it connects leaks the connection.
        await to_its_end(admin.start())
        yield admin
    finally:
        await admin.close()


async def administer(settings: Settings, request: Any, results: str) -> None:
    """Send a request that aiokafka's admin client does not know, as a principal that may alter the cluster.

    ``results``: the field of the answer that has a code and a message for each thing asked. Raises KafkaError
    where Kafka refuses one.
    """
    async with administration(settings) as admin:
        answer = await admin._send_request(request)
    for code, message, *_ in getattr(answer, results):
        if code:
            raise for_code(code)(message or "")


@lru_cache
def _tls(ca: Path | None, certificate: Path | None, key: Path | None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=ca)
    if certificate is not None:
        context.load_cert_chain(certificate, key)
    return context


def _named(file: Path | None, setting: str) -> Path:
    if file is None:
        raise KafkaSettingsError(f"{setting} is missing: the file that holds the secret")
    return file


def _secret(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise KafkaSettingsError(f"{file} cannot be read: {error.strerror}") from None
