"""Every HTTP listener speaks TLS by setting, and the operator is known on loopback only."""

import asyncio
import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from services.intake.context import open_intake
from services.intake.service import serve_contexts
from services.payments.service import DECLARATION as PAYMENTS
from services.platform.listening import ListenerError, check_tls, is_loopback
from services.platform.settings import Settings
from services.reporting.service import serve
from tests.operator import OPERATOR_KEY
from tests.ports import free_port
from tests.services.intake.conftest import client
from tests.services.intake.conftest import settings as settings_of

settings = settings_of


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """A certificate of 127.0.0.1, signed by itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "dibao")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    files = tmp_path / "dibao.crt", tmp_path / "dibao.key"
    files[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    pkcs8 = serialization.PrivateFormat.PKCS8
    files[1].write_bytes(key.private_bytes(serialization.Encoding.PEM, pkcs8, plain))
    return files


async def test_intake_and_reporting_speak_tls(settings: Settings, certificate: tuple[Path, Path]) -> None:
    secured = settings.model_copy(update={"tls_certificate": certificate[0], "tls_key": certificate[1]})
    stop, trusted = asyncio.Event(), ssl.create_default_context(cafile=str(certificate[0]))
    both = [secured.model_copy(update={"port": free_port()}) for _ in range(2)]
    serving = [
        asyncio.ensure_future(serve_contexts([PAYMENTS], both[0], stop)),
        asyncio.ensure_future(serve(both[1], stop)),
    ]
    try:
        for at, each in enumerate(both):
            async with httpx.AsyncClient(base_url=f"https://127.0.0.1:{each.port}", verify=trusted) as http:
                assert await _health(http, serving[at]) == 200
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{each.port}") as plain:
                with pytest.raises(httpx.TransportError):
                    await plain.get("/health")
    finally:
        stop.set()
        await asyncio.wait_for(asyncio.gather(*serving), 30)


async def _health(http: httpx.AsyncClient, serving: asyncio.Future[None]) -> int:
    async with asyncio.timeout(60):
        while not serving.done():
            try:
                return (await http.get("/health")).status_code
            except httpx.ConnectError as error:
                if "CERTIFICATE" in str(error):
                    raise
                await asyncio.sleep(0.1)
    serving.result()
    raise AssertionError("it ended")


def test_what_is_wrong_with_a_certificate_is_said(certificate: tuple[Path, Path], tmp_path: Path) -> None:
    whole = Settings(tls_certificate=certificate[0], tls_key=certificate[1])
    check_tls(whole)
    with pytest.raises(ListenerError, match="set together"):
        check_tls(whole.model_copy(update={"tls_key": None}))
    with pytest.raises(ListenerError, match="No such file"):
        check_tls(whole.model_copy(update={"tls_key": tmp_path / "none.key"}))
    with pytest.raises(ListenerError, match="PEM files"):
        check_tls(whole.model_copy(update={"tls_key": certificate[0]}))


async def test_the_operator_is_known_on_loopback_only(settings: Settings) -> None:
    assert is_loopback("127.0.0.1") and is_loopback("::1") and is_loopback("localhost")
    for host, status in (("127.0.0.1", 422), ("0.0.0.0", 401), ("192.0.2.1", 401)):  # noqa: S104
        elsewhere = settings.model_copy(update={"host": host})
        async with open_intake([PAYMENTS], elsewhere) as (intake,), client(intake, OPERATOR_KEY) as http:
            assert (await http.post("/events", json={})).status_code == status, host
