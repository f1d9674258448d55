"""Which deployment a command speaks to: the local stack of this checkout, or servers named by settings."""

import asyncio
import os
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from deploy.local.errors import StackError
from deploy.local.postgres import NAMES as DATABASES
from deploy.local.settings import LOCAL
from deploy.local.state import load
from deploy.migrations.roles import OPERATOR, url_as, url_of
from events.catalogue import UPSTREAM_CONTEXTS
from services.platform.settings import Settings

SERVICES: tuple[str, ...] = (
    *UPSTREAM_CONTEXTS,
    "closer",
    "journal",
    "detection",
    "projector",
    "alerting",
    "reporting",
)
"""Every service, by the folder below ``services/`` that it is started from."""

_ALONE = ("enrollment", "payments", "vitals", "custody", "petitions", "policy")

PROCESSES: dict[str, tuple[str, ...]] = {
    **{name: (name,) for name in _ALONE},
    "registers": tuple(name for name in UPSTREAM_CONTEXTS if name not in _ALONE),
    **{name: (name,) for name in ("closer", "journal", "detection", "projector", "alerting", "reporting")},
}
"""The processes of a local deployment, in the order of their start, and the services that each one is.

Contexts of which little is heard share one, ``registers``, for each process needs some 70 MB; on a cluster
each may have its own.
"""

WITH_HTTP = frozenset(PROCESSES) - {"closer", "journal", "detection", "projector", "alerting"}

STATE = LOCAL / "state.json"
MASTER_KEY = LOCAL / "keys" / "master.key"
LOG_KEY = LOCAL / "keys" / "log.key"
JOURNAL_KEY = LOCAL / "keys" / "journal.key"
JOURNAL = LOCAL / "journal"
_OPERATOR_KEY = LOCAL / "keys" / "operator.key"

Result = TypeVar("Result")


@dataclass(frozen=True)
class Deployment:
    """Settings of the servers, and where the services listen."""

    settings: Settings
    urls: dict[str, str] = field(default_factory=dict)
    administrator: str | None = field(default=None, repr=False)
    """The address of the local database as its administrator; none where the database is elsewhere."""

    def settings_of(self, service: str) -> Settings:
        """Return the settings with a service's own role, for what is done in its place.

        Of a database that is elsewhere its address is named by ``DIBAO_DATABASE_URL_<SERVICE>``, or the
        command's own address is that of the role.
        """
        url = os.environ.get(f"DIBAO_DATABASE_URL_{service.upper()}")
        if url is None and self.administrator is None:
            return self.settings
        if url is None:
            assert self.administrator is not None
            url = url_of(self.administrator, service)
        return self.settings.model_copy(update={"database_url": url})

    @property
    def operator_key(self) -> str:
        """The operator's key, which may publish for any source, and read. Raises StackError."""
        named = os.environ.get("DIBAO_OPERATOR_KEY")
        if named:
            return named
        file = operator_file()
        try:
            return file.read_text(encoding="ascii").strip()
        except FileNotFoundError:
            raise StackError(
                f"There is no operator's key at {file}: `dibao up` makes one, `dibao access renew operator` "
                "another; DIBAO_OPERATOR_KEY may hold it as well."
            ) from None

    def url(self, service: str) -> str:
        """Return the base URL of a service that listens on HTTP."""
        named = os.environ.get(f"DIBAO_URL_{service.upper()}")
        if named:
            return named.rstrip("/")
        if service not in self.urls:
            raise StackError(
                f"The service {service} is not known to run: `dibao up` starts it; DIBAO_URL_"
                f"{service.upper()} names one that runs elsewhere."
            )
        return self.urls[service]


def operator_file() -> Path:
    """Return where the operator's key is kept."""
    return Path(os.environ.get("DIBAO_OPERATOR_KEY_FILE") or _OPERATOR_KEY)


def environment(kafka: str, database_url: str, replication: int = 1) -> dict[str, str]:
    """Return what a service process is told of the servers; of one copy of a topic nothing is said."""
    return {
        **({} if replication == 1 else {"DIBAO_REPLICATION": str(replication)}),
        "DIBAO_KAFKA": kafka,
        "DIBAO_DATABASE_URL": database_url,
        "DIBAO_MASTER_KEY_FILE": str(_resolved("DIBAO_MASTER_KEY_FILE", MASTER_KEY)),
        "DIBAO_LOG_KEY_FILE": str(_resolved("DIBAO_LOG_KEY_FILE", LOG_KEY)),
        "DIBAO_JOURNAL_KEY_FILE": str(_resolved("DIBAO_JOURNAL_KEY_FILE", JOURNAL_KEY)),
        "DIBAO_JOURNAL": str(_resolved("DIBAO_JOURNAL", JOURNAL)),
    }


def settings_of(named: Mapping[str, str]) -> Settings:
    """Return the settings of a process that is told so much; all else is as our own environment says."""
    settings = Settings(
        kafka=named["DIBAO_KAFKA"],
        database_url=named["DIBAO_DATABASE_URL"],
        master_key_file=Path(named["DIBAO_MASTER_KEY_FILE"]),
        log_key_file=Path(named["DIBAO_LOG_KEY_FILE"]),
        journal_key_file=Path(named["DIBAO_JOURNAL_KEY_FILE"]),
        journal=Path(named["DIBAO_JOURNAL"]),
    )
    copies = named.get("DIBAO_REPLICATION")
    return settings if copies is None else settings.model_copy(update={"replication": int(copies)})


def _resolved(name: str, ours: Path) -> Path:
    # Not of the folder that a command is given in.
    return Path(os.environ.get(name) or ours).resolve()


def current(state_file: Path = STATE) -> Deployment:
    """Return the deployment that commands of this checkout speak to.

    Raises StackError where there is neither a local stack nor servers named by settings.
    """
    if os.environ.get("DIBAO_KAFKA") and os.environ.get("DIBAO_DATABASE_URL"):
        state = load(state_file)
        ports = state.ports if state is not None else {}
        named = environment(os.environ["DIBAO_KAFKA"], os.environ["DIBAO_DATABASE_URL"])
        return Deployment(settings_of(named), _urls(ports))
    state = load(state_file)
    if state is None or not state.kafka:
        raise StackError("There is no running stack in this checkout: run `dibao up` (or `make demo`) first.")
    # Of a server of our own the roles are ours; of another one its address says who works there.
    administrator = state.database_url if state.processes.keys() & set(DATABASES) else None
    url = state.database_url if administrator is None else url_as(administrator, OPERATOR)
    extra = environment(state.kafka, url, state.replication)
    return Deployment(
        settings_of(extra),
        _urls(state.ports),
        administrator,
    )


def _urls(ports: dict[str, int]) -> dict[str, str]:
    return {
        service: url
        for process, port in ports.items()
        for service, url in urls_of(process, base_url(port)).items()
    }


def base_url(port: int) -> str:
    """Return where a service of this machine listens."""
    scheme = "https" if os.environ.get("DIBAO_TLS_CERTIFICATE") else "http"
    return f"{scheme}://127.0.0.1:{port}"


def urls_of(process: str, base: str) -> dict[str, str]:
    """Return where the services of a process are found, that listens at ``base``."""
    services = PROCESSES.get(process, ())
    return {service: f"{base}/{service}" if len(services) > 1 else base for service in services}


def run(work: Coroutine[Any, Any, Result]) -> Result:
    """Run the asynchronous part of a command."""
    return asyncio.run(work)
