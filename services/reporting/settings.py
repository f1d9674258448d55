"""Settings of reporting alone."""

from pydantic_settings import BaseSettings, SettingsConfigDict


class ReportingSettings(BaseSettings):
    """``read_key`` (DIBAO_READ_KEY): the bearer token of the local operator.

    Without it reporting binds to a loopback address only. Accounts, roles and areas come with the console.
    """

    model_config = SettingsConfigDict(env_prefix="DIBAO_", frozen=True, extra="ignore")

    read_key: str = ""
