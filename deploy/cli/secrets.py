"""``dibao secrets``: the passwords, keys and certificates of a new deployment, a file each."""

import shutil
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from secrets import token_urlsafe
from typing import Annotated
from urllib.parse import quote

import typer
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from deploy.cli.output import console, fail
from deploy.deployment import PROCESSES
from deploy.migrations.roles import url_of
from services.journal.keeping import make_signer
from services.platform.access import OPERATOR_PREFIX, new_key
from services.platform.authorship import LogKeys
from services.platform.keys import Keys

_YEARS = 5
_OPERATOR = "operator"


def register(app: typer.Typer) -> None:
    """Hang this command into the root."""
    app.command("secrets")(secrets)


def secrets(
    out: Annotated[Path, typer.Argument(help="A folder that is not there yet.")] = Path("secrets"),
    database: Annotated[str, typer.Option(help="HOST:PORT/NAME of PostgreSQL.")] = "postgres:5432/dibao",
    host: Annotated[
        list[str] | None, typer.Option(help="A name or address by which people and offices reach us.")
    ] = None,
    mounted: Annotated[str, typer.Option(help="Where processes find the folder's files.")] = "/run/secrets",
) -> None:
    """Make what a new deployment keeps secret: passwords, keys, and certificates for five years.

    For docker-compose.yml, or as a model for what a cluster keeps its secrets in. Back up master.key and
    log.key apart from the data: without them nothing sealed is read again.
    """
    if out.exists():
        raise fail(f"{out} is there already: other keys would open nothing that its keys closed.", 2)
    draft = out.with_name(f".{out.name}.draft")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True, mode=0o700)
    authority = _Authority()
    Keys.create(draft / "master.key")
    LogKeys.create(draft / "log.key")
    make_signer(draft / "journal.key")
    password = token_urlsafe(24)
    place = f"{database}?sslmode=verify-full&sslrootcert={quote(f'{mounted}/ca.pem')}"
    administrator = f"postgresql://dibao:{password}@{place}"
    texts = {
        "ca.pem": authority.certificate,
        "operator.key": new_key(OPERATOR_PREFIX),
        "postgres_password": password,
        "grafana_password": token_urlsafe(16),
        "database_prepare": administrator,
        **{f"database_{name}": url_of(administrator, of[0]) for name, of in PROCESSES.items()},
        **{f"kafka_{name}": token_urlsafe(24) for name in (_OPERATOR, *PROCESSES)},
    }
    reached = ("localhost", "127.0.0.1", *(host or ()))
    for server, names in (("kafka", ("kafka",)), ("postgres", ("postgres",)), ("web", tuple(PROCESSES))):
        key, certificate = authority.issue((*names, *reached))
        if server == "kafka":
            texts["kafka.pem"] = key + certificate
        else:
            texts |= {f"{server}.key": key, f"{server}.pem": certificate}
    for name, text in texts.items():
        (draft / name).write_text(text if text.endswith("\n") else text + "\n", encoding="ascii")
    for file in draft.iterdir():
        # Other users' processes read them where they are mounted; here the folder keeps others out.
        file.chmod(0o644)
    draft.rename(out)
    console.print(
        f"{len(list(out.iterdir()))} files in {out}. Back up {out}/master.key and {out}/log.key elsewhere."
    )


class _Authority:
    """Signs the servers' certificates, and is forgotten: for others a new one is made."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _named("dibao")
        self._certificate = (
            self._begun(self._name, self._key.public_key())
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(signs=True), critical=True)
            .sign(self._key, hashes.SHA256())
        )

    @property
    def certificate(self) -> str:
        return _pem(self._certificate)

    def issue(self, hosts: tuple[str, ...]) -> tuple[str, str]:
        """Return a key and a certificate for hosts, each as PEM."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = (
            self._begun(_named(hosts[0]), key.public_key())
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs=False), critical=True)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False
            )
            .add_extension(x509.SubjectAlternativeName([_general(host) for host in hosts]), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        secret = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return secret.decode(), _pem(certificate)

    def _begun(self, subject: x509.Name, public: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
        now = datetime.now(UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(days=365 * _YEARS))
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        )


def _usage(*, signs: bool) -> x509.KeyUsage:
    """What a key may do: sign certificates, or what its server says."""
    none = dict.fromkeys(
        (
            *("content_commitment", "key_encipherment", "data_encipherment", "key_agreement"),
            *("encipher_only", "decipher_only"),
        ),
        False,
    )
    return x509.KeyUsage(digital_signature=not signs, key_cert_sign=signs, crl_sign=signs, **none)


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _general(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()
