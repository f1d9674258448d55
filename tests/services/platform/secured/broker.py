"""A Kafka that hears nobody without a name and a password, and gives each what its permissions say."""

import json
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from deploy.certificates import Authority
from deploy.local import accounts, jars, kafka, ports, prerequisites, processes
from services.platform.settings import Settings

OPERATOR = "operator"


@dataclass(frozen=True)
class Secured:
    """Where it listens, by whom its certificate is signed, and the passwords of its users."""

    address: str
    local: str
    """A second listener, of this machine only, where whoever comes may do everything: for what looks on."""
    folder: Path
    passwords: Mapping[str, str]

    def environment(self, user: str) -> dict[str, str]:
        """What a process that speaks as a user is told of it."""
        password = self.folder / f"{user}.password"
        _write_secret(password, self.passwords[user])
        return {
            "DIBAO_KAFKA": self.address,
            "DIBAO_KAFKA_SECURITY": "SASL_SSL",
            "DIBAO_KAFKA_USER": user,
            "DIBAO_KAFKA_PASSWORD_FILE": str(password),
            "DIBAO_KAFKA_CA_FILE": str(self.folder / "ca.pem"),
        }

    def settings(self, user: str, **more: Any) -> Settings:
        """The settings of a process that speaks as a user, with a password."""
        told = self.environment(user).items()
        named: dict[str, Any] = {name.removeprefix("DIBAO_").lower(): value for name, value in told}
        return Settings(**named, **more)

    def settings_with_token(self, user: str, seconds: float = 3600, **more: Any) -> Settings:
        """The settings of a process that speaks as a user, with a token that is good for so long."""
        file = self.folder / f"{user}.token"
        _write_secret(file, _token(user, seconds))
        token = {"kafka_mechanism": "OAUTHBEARER", "kafka_token_file": file}
        return self.settings(user, **more).model_copy(update=token)


@contextmanager
def secured_kafka(root: Path, jars_folder: Path, users: tuple[str, ...]) -> Iterator[Secured]:
    """Start it in a folder; everything is gone afterwards.

    It believes any token without a signature: which ones are to be believed is its operator's business.
    """
    _write_certificate(root)
    passwords = {user: secrets.token_urlsafe(16) for user in (OPERATOR, *users)}
    port, controller, waiting = (ports.choose(name, {}, {}) for name in ("a", "b", "c"))
    more = {
        "listeners": f"BROKER://127.0.0.1:{waiting},SECURE://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}",
        "advertised.listeners": f"BROKER://127.0.0.1:{waiting},SECURE://127.0.0.1:{port}",
        "listener.security.protocol.map": "BROKER:PLAINTEXT,SECURE:SASL_SSL,CONTROLLER:PLAINTEXT",
        "listener.name.secure.sasl.enabled.mechanisms": "SCRAM-SHA-512,OAUTHBEARER",
        "listener.name.secure.oauthbearer.sasl.jaas.config": (
            "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required"
            ' unsecuredLoginStringClaim_sub="broker";'
        ),
        "listener.name.secure.oauthbearer.sasl.server.callback.handler.class": (
            "org.apache.kafka.common.security.oauthbearer.internals.unsecured."
            "OAuthBearerUnsecuredValidatorCallbackHandler"
        ),
        "listener.name.secure.scram-sha-512.sasl.jaas.config": (
            "org.apache.kafka.common.security.scram.ScramLoginModule required;"
        ),
        "listener.name.secure.ssl.keystore.type": "PEM",
        "listener.name.secure.ssl.keystore.location": str(root / "server.pem"),
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": f"User:ANONYMOUS;User:{OPERATOR}",
    }
    home, user = root / "kafka", accounts.account("Kafka")
    accounts.open_folder(root)
    accounts.hand_over(user, root / "server.pem")
    java, libs = prerequisites.java(), jars.ensure(jars_folder, print)
    kafka.initialise(home, java, libs, user, more, passwords)
    record = kafka.start(home, java, libs, user, "384m", (waiting, controller), more)
    try:
        kafka.wait_until_ready(record, waiting, print)
        yield Secured(f"127.0.0.1:{port}", f"127.0.0.1:{waiting}", root, passwords)
    finally:
        processes.stop([record], 20)


def _write_secret(file: Path, secret: str) -> None:
    file.touch(mode=0o600)
    file.write_text(secret + "\n", encoding="ascii")


def _token(user: str, seconds: float) -> str:
    """An unsecured JWS (RFC 7515, appendix A.5)."""
    now = datetime.now(UTC).timestamp()
    parts = {"alg": "none"}, {"sub": user, "iat": now - 10, "exp": now + seconds}
    return "".join(urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") + "." for part in parts)


def _write_certificate(folder: Path) -> None:
    authority = Authority()
    key, certificate = authority.issue(("127.0.0.1",))
    (folder / "ca.pem").write_text(authority.certificate, encoding="ascii")
    (folder / "server.pem").touch(mode=0o600)
    (folder / "server.pem").write_text(key + certificate, encoding="ascii")
