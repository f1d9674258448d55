"""Reporting as a process."""

import asyncio
import ipaddress
import socket

from services.platform.database import open_pool
from services.platform.intake.service import serve_http
from services.platform.settings import Settings
from services.reporting.application import application
from services.reporting.settings import ReportingSettings


class UnguardedError(Exception):
    """Reporting would be open to the network without a key."""


async def serve(settings: Settings, stop: asyncio.Event) -> None:
    """Answer on ``settings.host:settings.port`` until ``stop``.

    Raises UnguardedError where no read key is set and the host is not a loopback address.
    """
    read_key = ReportingSettings().read_key
    if not read_key and not is_loopback(settings.host):
        raise UnguardedError(
            "Reporting without a read key answers on a loopback address only, "
            f"and DIBAO_HOST is {settings.host}: set DIBAO_READ_KEY."
        )
    pool = await open_pool(settings.database_url, size=8)
    try:
        await serve_http(application(pool, read_key, stop), settings, stop)
    finally:
        await pool.close()


def is_loopback(host: str) -> bool:
    """Return whether every address of a host name is this machine's own."""
    try:
        addresses = {ipaddress.ip_address(info[4][0]) for info in socket.getaddrinfo(host, None)}
    except (OSError, ValueError):
        return False
    return bool(addresses) and all(address.is_loopback for address in addresses)
