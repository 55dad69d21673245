"""Settings come from the environment, by these names in capitals. docs/settings.md is made from them."""

import inspect
from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import ClassVar, Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator

from shared.kafka_settings import KafkaSettings

Network = IPv4Network | IPv6Network


class SettingsError(RuntimeError):
    """A setting is missing or unsafe; the message names it and says what it should be."""


def networks(text: str) -> tuple[Network, ...]:
    """Addresses and networks with commas between. Raises ValueError that names the one that is none."""
    found: list[Network] = []
    for word in filter(None, map(str.strip, text.split(","))):
        try:
            found.append(ip_network(word, strict=False))
        except ValueError:
            raise ValueError(f"{word!r} is neither an address nor a network") from None
    return tuple(found)


class CommonSettings(KafkaSettings):
    """What every service and worker reads. A service adds its own in `services/<service>/settings.py`:

    class Settings(CommonSettings):
        service: ClassVar[str] = "<service>"
        <service>_database_url: SecretStr = Field(description="…")
        port: int = SERVICES["<service>"].port
        worker_port: int = SERVICES["<service>"].worker_port
    """

    service: ClassVar[str] = ""
    # The fewest days that something may be kept, and what rests on them. 0 is for ever, and always enough.
    least_days: ClassVar[Mapping[str, tuple[int, str]]] = {
        "keep_outbox_days": (29, "`leadloop reconcile` compares the events of 28 days with this log"),
        "keep_inbox_days": (31, "an event of 30 days is still handled, unless it is known as a repeat"),
        "keep_answers_days": (2, "callers are promised 48 hours in which a repeat is safe"),
    }

    host: str = Field("127.0.0.1", description="Address the API and the worker's health port listen on.")
    port: int = Field(8000, ge=0, le=65535, description="Port of the API.")
    worker_port: int = Field(9000, ge=0, le=65535, description="Port of the worker's health and metrics.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="Least level logged.")

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

    api_docs: bool = Field(
        default=True,
        description="Serve /docs and /openapi.json. `false` where strangers reach the port.",
    )
    metrics_networks: str = Field(
        "",
        description="Who may ask an API for /metrics: addresses and networks by comma, as 10.0.0.0/8, ::1. "
        "Others get 404. Empty: everybody.",
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
        "",
        description="`iss` of people's tokens, to the letter: the OIDC provider. Required by the APIs. "
        "docs/guides/sign-on.md has them for the usual providers.",
    )
    auth_audience: str = Field(
        "leadloop", description="`aud` of people's tokens; several by comma, one of them is enough."
    )
    auth_jwks_url: str = Field(
        "",
        description="Keys that sign people's tokens: http(s) or file URL of a JWKS. "
        "Empty: the one that the issuer's `/.well-known/openid-configuration` names.",
    )
    auth_algorithms: str = Field(
        "RS256,PS256,ES256,EdDSA",
        description="Algorithms that people's tokens may be signed with; fewer of these by comma.",
    )
    auth_subject_claim: str = Field(
        "sub",
        description="The claim that says who a person is; `oid` at Entra ID, if it is to be shown there.",
    )
    auth_roles_claim: str = Field(
        "roles",
        description="The claim that has a person's roles: its name, or a path (`realm_access.roles`). "
        "A list, or a text with spaces or commas between.",
    )
    auth_role_mapping: str = Field(
        "",
        description="JSON: the provider's names, and our role or list of roles for each. Others count for "
        "nothing then. Empty: a name counts when it is one of our roles.",
    )
    service_key_file: Path | None = Field(
        None, description="This service's private Ed25519 key (JWK file), for its calls to others."
    )
    service_jwks_url: str = Field(
        "", description="Public keys of all services: http(s) or file URL of a JWKS. Required by the APIs."
    )

    reporting_currency: str = Field("EUR", pattern=r"^[A-Z]{3}$", description="Currency of every report.")

    @field_validator("trusted_proxies", "metrics_networks")
    @classmethod
    def _are_networks(cls, written: str) -> str:
        networks(written)
        return written

    keep_outbox_days: int = Field(
        30,
        ge=0,
        le=36500,
        description="Days of events kept in the outbox log; after that they can't be sent again. "
        "At least 29, or 0 for ever. A day's log goes at once.",
    )
    keep_inbox_days: int = Field(
        60,
        ge=0,
        le=36500,
        description="Days for which an event that was handled is known again. At least 31, or 0 for ever: "
        "one of up to 30 days is handled, and twice if it is not known.",
    )
    keep_answers_days: int = Field(
        2,
        ge=0,
        le=36500,
        description="Days in which a request repeated with its `Idempotency-Key` gets the stored answer, "
        "which is kept encrypted. At least 2, or 0 for ever.",
    )
    keep_parked_days: int = Field(
        90,
        ge=0,
        le=36500,
        description="Days after which a parked event goes that was handled in the end, and the data of one "
        "that was given up: a quarter in which somebody may ask what it was. 0 for ever.",
    )

    keep_audit_days: int = Field(
        730,
        ge=0,
        le=36500,
        description="Days for which it is known who did what and who was refused, with their addresses: two "
        "years, in which most disputes and audits come up. 0 for ever.",
    )

    @model_validator(mode="after")
    def _keeps_what_others_rest_on(self) -> Self:
        for name, (least, why) in self.least_days.items():
            days = getattr(self, name)
            if 0 < days < least:
                raise SettingsError(
                    f"{name.upper()} is {days}; set it to {least} or more, or to 0 for ever: {why}."
                )
        return self

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
