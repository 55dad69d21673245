"""Settings come from the environment, by these names in capitals. docs/settings.md is made from them."""

import inspect
from ipaddress import ip_network
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class SettingsError(RuntimeError):
    """A setting is missing or unsafe; the message names it and says what it should be."""


class CommonSettings(BaseSettings):
    """What every service and worker reads. A service adds its own in `services/<service>/settings.py`:

    class Settings(CommonSettings):
        service: ClassVar[str] = "<service>"
        <service>_database_url: SecretStr = Field(description="…")
        port: int = SERVICES["<service>"].port
        worker_port: int = SERVICES["<service>"].worker_port
    """

    model_config = SettingsConfigDict(
        extra="ignore", frozen=True, case_sensitive=False, hide_input_in_errors=True, env_ignore_empty=True
    )
    service: ClassVar[str] = ""

    host: str = Field("127.0.0.1", description="Address the API and the worker's health port listen on.")
    port: int = Field(8000, ge=0, le=65535, description="Port of the API.")
    worker_port: int = Field(9000, ge=0, le=65535, description="Port of the worker's health and metrics.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="Least level logged.")

    kafka_bootstrap: str = Field("127.0.0.1:9092", description="Kafka, as host:port, several by comma.")
    topic_prefix: str = Field(
        "", max_length=40, description="Put before every topic and group name; for tests."
    )
    database_pool: int = Field(10, ge=1, le=200, description="Database connections of one process.")
    request_queue: int = Field(
        50, ge=0, description="Requests that may wait (250 ms) for a connection; more get 503."
    )
    consumer_session_seconds: float = Field(
        10,
        ge=1,
        le=300,
        description="A worker that is silent for this long loses its partitions to the service's others.",
    )
    stop_delay_seconds: float = Field(
        2, ge=0, le=20, description="After SIGTERM /readyz says 503 this long before the door closes."
    )

    trusted_proxies: str = Field(
        "",
        description="Reverse proxies of yours before the APIs, as addresses or networks with commas between "
        "(`10.0.0.0/8,fd00::/8`). Only what they say is believed of whom a request is from. Empty: nobody.",
    )
    forwarded_header: Literal["x-forwarded-for", "forwarded"] = Field(
        "x-forwarded-for",
        description="The header in which those proxies add whom they speak for; the other one is not read.",
    )
    key_burst: int = Field(
        500, ge=1, le=10**9, description="Calls an API key may make at once, in each process; more get 429."
    )
    key_rate: float = Field(
        100, gt=0, le=10**9, description="Calls a second an API key may make in the long run, each process."
    )

    marketing_url: str = Field("http://127.0.0.1:8001", description="Where services reach marketing.")
    handoff_url: str = Field("http://127.0.0.1:8002", description="Where services reach handoff.")
    sales_url: str = Field("http://127.0.0.1:8003", description="Where services reach sales.")

    auth_issuer: str = Field(
        "", description="`iss` of people's tokens: the OIDC provider. Required by the APIs."
    )
    auth_audience: str = Field("leadloop", description="`aud` of people's tokens.")
    auth_jwks_url: str = Field(
        "", description="Keys that sign people's tokens: http(s) or file URL of a JWKS. Required by the APIs."
    )
    service_key_file: Path | None = Field(
        None, description="This service's private Ed25519 key (JWK file), for its calls to others."
    )
    service_jwks_url: str = Field(
        "", description="Public keys of all services: http(s) or file URL of a JWKS. Required by the APIs."
    )

    reporting_currency: str = Field("EUR", pattern=r"^[A-Z]{3}$", description="Currency of every report.")

    @field_validator("trusted_proxies")
    @classmethod
    def _are_networks(cls, written: str) -> str:
        for text in filter(None, map(str.strip, written.split(","))):
            ip_network(text, strict=False)
        return written

    @property
    def database_url(self) -> str:
        """The service's own database. Raises SettingsError on a class that names no service."""
        secret = getattr(self, f"{self.service}_database_url", None)
        if not isinstance(secret, SecretStr):
            raise SettingsError(f"{type(self).__name__} has no {self.service}_database_url: SecretStr.")
        return secret.get_secret_value()

    @property
    def url(self) -> str:
        """Where this service is reached."""
        return str(getattr(self, f"{self.service}_url", "/"))

    @property
    def migrations(self) -> Path:
        """Where the service's migrations lie: beside the module that its settings are written in."""
        return Path(inspect.getfile(type(self))).parent / "migrations/versions"

    def require(self, *names: str) -> None:
        """Refuse to start without these settings. Raises SettingsError naming all that are missing."""
        missing = [name.upper() for name in names if getattr(self, name) in ("", None)]
        if missing:
            raise SettingsError(f"Set {', '.join(missing)}; docs/settings.md says what each one is.")
