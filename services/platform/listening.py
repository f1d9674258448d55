"""Where a process listens, and with which certificate."""

import ipaddress
import socket
import ssl
from functools import lru_cache
from urllib.parse import urlsplit

from services.platform.failure import PipelineStoppedError
from services.platform.settings import Settings


class ListenerError(PipelineStoppedError):
    """A process cannot listen as its settings say; the message says why."""


@lru_cache(100)
def is_loopback(host: str) -> bool:
    """Return whether every address of a host name is this machine's own."""
    try:
        addresses = {ipaddress.ip_address(info[4][0]) for info in socket.getaddrinfo(host, None)}
    except (OSError, ValueError):
        return False
    return bool(addresses) and all(address.is_loopback for address in addresses)


def on_loopback(servers: str) -> bool:
    """Return whether every one of some servers, ``host:port`` with commas between, is of this machine."""
    return all(is_loopback(urlsplit(f"//{server.strip()}").hostname or "") for server in servers.split(","))


def check_tls(settings: Settings) -> None:
    """Raise ListenerError where the certificate and its key are not both there, or do not fit."""
    certificate, key = settings.tls_certificate, settings.tls_key
    if certificate is None and key is None:
        return
    if certificate is None or key is None:
        raise ListenerError("DIBAO_TLS_CERTIFICATE and DIBAO_TLS_KEY are set together, or neither.")
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key)
    except OSError as error:
        raise ListenerError(
            f"TLS cannot be served with {certificate} and {key}: {error.strerror or error}. "
            "Both are PEM files, and belong together."
        ) from None
