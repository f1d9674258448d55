"""Settings of reporting alone."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
_EVERYWHERE = ("0.0.0.0", "::", "")  # noqa: S104 - compared with, not bound


class ReportingSettings(BaseSettings):
    """What reporting answers to.

    ``hosts`` (DIBAO_HOSTS): names, parted by commas, that it is asked for under, beside this machine's own;
    a request for another name is refused. ``most_streams`` (DIBAO_MOST_STREAMS): live streams at a time.
    ``office`` (DIBAO_OFFICE): who reports (填报单位), as files show it.
    """

    model_config = SettingsConfigDict(env_prefix="DIBAO_", frozen=True, extra="ignore")

    hosts: str = ""
    office: str = ""
    most_streams: int = Field(default=100, ge=1)

    def names(self, bound: str) -> frozenset[str]:
        """Return every name that may be asked for, where it listens on ``bound``."""
        named = [host.strip().lower() for host in self.hosts.split(",") if host.strip()]
        own = [] if bound in _EVERYWHERE else [f"[{bound}]" if ":" in bound else bound.lower()]
        return frozenset((*_LOOPBACK, *own, *named))
