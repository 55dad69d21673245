"""Settings of marketing. See shared.settings for those all services have."""

from typing import ClassVar

from pydantic import Field, SecretStr

from shared.services import SERVICES
from shared.settings import CommonSettings, SettingsError

SHORTEST_KEY = 32


class Settings(CommonSettings):
    """Marketing's API and worker."""

    service: ClassVar[str] = "marketing"

    marketing_database_url: SecretStr = Field(description="Marketing's database, as its own role.")
    port: int = Field(SERVICES["marketing"].port, ge=0, le=65535, description="Port of the API.")
    worker_port: int = Field(
        SERVICES["marketing"].worker_port,
        ge=0,
        le=65535,
        description="Port of the worker's health and metrics.",
    )
    public_url: str = Field(
        "",
        pattern=r"^(https?://[^\s/?#]+(/[^\s?#]*)?)?$",
        description="Where browsers and ad platforms reach marketing; stands in snippets, hosted pages and "
        "webhook addresses. Empty: MARKETING_URL.",
    )
    secrets_key: SecretStr = Field(
        SecretStr(""),
        description="Encrypts the secrets of connections at rest: 32 random bytes as base64. Several with "
        "commas between, the newest first: it seals, all of them open; docs/production.md says how.",
    )
    meta_graph_url: str = Field("https://graph.facebook.com", description="Where Meta's Graph API is.")
    meta_graph_version: str = Field("v25.0", pattern=r"^v\d+\.\d+$", description="Its version.")

    linkedin_url: str = Field("https://api.linkedin.com", description="Where LinkedIn's API is.")
    linkedin_version: str = Field(
        "202606",
        pattern=r"^20\d{2}(0[1-9]|1[0-2])$",
        description="The month whose version of LinkedIn's API is asked; each ends about a year later.",
    )
    form_burst: int = Field(
        300,
        ge=1,
        le=10**9,
        description="Forms that one client network (an IPv4 address, an IPv6 /64) may send at once, in each "
        "process; more get 429. As many as stand behind one address at a trade fair.",
    )
    form_rate: float = Field(
        1,
        gt=0,
        le=10**9,
        description="Forms a second that a client network may send in the long run, in each process.",
    )
    max_database_gb: float = Field(
        0,
        ge=0,
        description="From this size on of marketing's database its doors take nothing (forms say 429, others "
        "503), before a disk is full and what was accepted can't be worked on. 0: it is not looked at.",
    )
    challenge_secrets: SecretStr = Field(
        SecretStr(""),
        description="Secrets of the services that tell people from programs, as "
        "turnstile=SECRET,hcaptcha=SECRET,recaptcha=SECRET: a form may ask those that are named here. "
        "For the API and the worker.",
    )
    challenge_addresses: str = Field(
        "",
        description="Where siteverify of such a service is, as turnstile=https://…, when it is not its usual "
        "address: behind a proxy, or one of your own that answers alike.",
    )
    own_domains: str = Field(
        "", description="The house's own sites, with commas between: as a referrer they send nobody."
    )

    keep_bodies_days: int = Field(
        90,
        ge=0,
        le=36500,
        description="Days for which the body of a request at a door is kept once it was read, byte for byte, "
        "and what an ad platform answered about it: a quarter in which a mapping may turn out to be wrong. "
        "Its hash stays, so that a repeat is still known. 0 for ever.",
    )
    keep_refused_days: int = Field(
        180,
        ge=0,
        le=36500,
        description="Days for which what was quarantined, rejected or unreadable is kept, with its body: "
        "half a year in which it can be replayed. What waits is never touched. 0 for ever.",
    )
    keep_captured_days: int = Field(
        730,
        ge=0,
        le=36500,
        description="Days for which a submission that became a lead shows what was understood of it, answers "
        "and messages included: two years, longer than most sales take. Person, lead and touches stay. "
        "0 for ever.",
    )

    @property
    def own_sites(self) -> list[str]:
        return [site.strip().lower().strip(".") for site in self.own_domains.split(",") if site.strip(" .")]

    @property
    def public_address(self) -> str:
        """Where the world reaches this service, without a slash at its end."""
        return (self.public_url or self.marketing_url).rstrip("/")

    @property
    def url(self) -> str:
        """The same, for the description: who reads it asks from outside."""
        return self.public_address

    def secrets_of_challenges(self) -> dict[str, str]:
        """By the name of the service. Raises SettingsError."""
        return _read_challenges(self.challenge_secrets.get_secret_value(), "CHALLENGE_SECRETS")

    def addresses_of_challenges(self) -> dict[str, str]:
        """Those that are not the usual ones, by the name of the service. Raises SettingsError."""
        return _read_challenges(self.challenge_addresses, "CHALLENGE_ADDRESSES")

    def keys_of_secrets(self) -> list[str]:
        """What opens the connections' secrets, the newest first. Raises SettingsError."""
        return read_keys(self.secrets_key.get_secret_value())


def _read_challenges(said: str, name: str) -> dict[str, str]:
    found = {}
    for part in filter(None, map(str.strip, said.split(","))):
        service, equals, value = (piece.strip() for piece in part.partition("="))
        if not (service and equals and value):
            raise SettingsError(f"{name} is a list such as turnstile=VALUE,hcaptcha=VALUE.")
        found[service] = value
    return found


def read_keys(said: str) -> list[str]:
    """The keys that SECRETS_KEY says. Raises SettingsError when there is none, or one is short."""
    keys = [key.strip() for key in said.split(",")]
    if any(len(key) < SHORTEST_KEY for key in keys):
        raise SettingsError(
            "Set SECRETS_KEY to at least 32 random bytes as base64, or to several such keys with commas "
            "between, the newest first; docs/settings.md says how."
        )
    return keys
