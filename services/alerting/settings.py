"""Settings of alerting alone, from the environment (``DIBAO_ALERT_…``)."""

from datetime import timedelta
from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.alerting.attempt import Patience


class AlertingSettings(BaseSettings):
    """Where notices lead and how they are sent.

    ``pages``: where people reach reporting's pages, as https://dibao.example.cn; links begin with it.
    ``tries``: attempts before a notice is parked. ``first_seconds``, ``longest_seconds``: between attempts.
    ``timeout_seconds``: of one attempt.
    """

    model_config = SettingsConfigDict(env_prefix="DIBAO_ALERT_", frozen=True, extra="ignore")

    pages: str = ""
    smtp_host: str = ""
    smtp_port: int = 587
    smtp_tls: Literal["starttls", "tls", "none"] = "starttls"
    smtp_ca_file: Path | None = None
    """Whom the server's certificate is believed by (PEM), where that is none of the machine's own."""
    smtp_user: str = ""
    """As whom to log in; without a name nobody does, and the password's file is not read."""
    smtp_password_file: Path | None = None
    smtp_sender: str = ""
    """The address that messages come from."""
    tries: int = Field(default=36, ge=1)
    first_seconds: float = Field(default=5.0, gt=0)
    longest_seconds: float = Field(default=3600.0, gt=0)
    timeout_seconds: float = Field(default=10.0, gt=0)
    keep_months: int = Field(default=24, ge=0)
    """How long announcements, notices and attempts are kept (``forgetting.py``); 0: for ever."""

    @property
    def patience(self) -> Patience:
        """How often a notice is tried."""
        return Patience(
            tries=self.tries,
            first=timedelta(seconds=self.first_seconds),
            longest=timedelta(seconds=self.longest_seconds),
        )
