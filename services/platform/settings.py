"""Settings of a process, from the environment (``DIBAO_…``). No business decision reads them."""

from pathlib import Path
from typing import Literal

from pydantic_settings import BaseSettings, SettingsConfigDict

from services.platform import limits

Family = Literal["international", "national"]
"""Of algorithms (``ciphers.py``)."""


class Settings(BaseSettings):
    """Where the servers are and how this process is tuned.

    ``kafka``: bootstrap servers; ``database_url``: ``postgresql://user:password@host:port/name``;
    ``topic_prefix``: first word of every topic; ``partitions`` of a log topic when it is created;
    ``master_key_file``: 32 bytes in hex, see ``keys.py``; ``log_key_file``: see ``authorship.py``; sizes in
    bytes.
    """

    model_config = SettingsConfigDict(env_prefix="DIBAO_", frozen=True, extra="ignore")

    kafka: str = "127.0.0.1:9092"
    database_url: str = "postgresql://dibao@127.0.0.1:5432/dibao"
    kafka_security: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    kafka_mechanism: Literal["SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN", "OAUTHBEARER"] = "SCRAM-SHA-512"
    kafka_user: str = ""
    """As whom to speak to Kafka; its ACLs say what that principal may do (``acls.py``)."""
    kafka_password_file: Path | None = None
    kafka_token_file: Path | None = None
    """The token for OAUTHBEARER, read again at every connection."""
    kafka_ca_file: Path | None = None
    kafka_certificate_file: Path | None = None
    kafka_key_file: Path | None = None
    topic_prefix: str = "dibao"
    partitions: int = 4
    replication: int = 1
    flush: bool = True
    """Whether Kafka writes a log topic that has one copy only to the disk before it acknowledges; without it
    a machine that loses its power loses the last seconds, which upstream then has to hand over again."""
    master_key_file: Path = Path(".local/keys/master.key")
    log_key_file: Path = Path(".local/keys/log.key")
    ciphers: Family = "international"
    """What values are sealed with from now on, and a new vault's tokens made with (``ciphers.py``)."""
    tokens: Family | None = None
    """What tokens are made with, where that is not what ``ciphers`` says: for ever, of a vault."""
    journal: Path = Path(".local/journal")
    """The folder in which every record of the log is kept (``services/journal``)."""
    journal_key_file: Path = Path(".local/keys/journal.key")
    """The key that signs its checkpoints."""
    journal_seconds: float = 1.0
    """How long records are gathered before they are written there together."""
    host: str = "127.0.0.1"
    port: int = 0
    monitor_port: int = 0
    """Where /livez, /readyz and /metrics answer (``monitor.py``), with neither TLS nor key; 0: nowhere."""
    monitor_host: str = "127.0.0.1"
    ready_lag: int = 5000
    """With how many records on the log yet to be taken in a pipeline still counts as caught up."""
    tls_certificate: Path | None = None
    tls_key: Path | None = None
    """The chain and the key (PEM) that every HTTP listener serves TLS with; without them it is plain HTTP."""
    max_body_bytes: int = limits.BODY_BYTES
    max_file_bytes: int = limits.FILE_BYTES
    reader_memory: int = limits.READER_MEMORY
    """Address space of a process that reads a file."""
    reader_seconds: int = limits.READER_SECONDS
    """CPU time of a process that reads a file."""
    source_rate: float = 0
    """Facts a second that each source may hand over by HTTP to this process, files included; 0: as many as
    come. What a source on a topic may send is a quota of the broker's."""
    source_rates: dict[str, float] = {}
    """The same of single sources, by name, as JSON: ``{"/bank/psbc": 2000}``."""
    max_ahead_hours: float = 24
    """Clock skew: how far after its receipt a fact may say that it happened."""
    local_operator: bool = True
    """Whether an operator's key may state facts of any source, where this process listens on loopback."""
    intake_hours: float = 72
    """Retention of a record on an intake topic that nobody takes: longer than any outage of a service."""
    intake_topics_bearer: bool = False
    """Whether a key in the header ``authorization`` of a record is still good, as before records were signed.

    For this release only: a key that stands on a topic is read by whoever may read the topic.
    """
    intake_topics_open: bool = False
    """Whether a record on an intake topic needs no key: only where the broker's ACLs say who may write."""
    ack_timeout_seconds: float = 10.0
    """How long intake waits for Kafka or PostgreSQL before it answers 503."""
    receipt_months: int = 60
    """After which a receipt is deleted with all that it says; 0 keeps them for ever."""
    fault: str = ""
    """Names a point at which this process kills itself, for crash tests only (``fault.py``)."""

    @property
    def token_family(self) -> Family:
        """What tokens are made with."""
        return self.tokens or self.ciphers
