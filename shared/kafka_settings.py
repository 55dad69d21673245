"""Where Kafka is and how it is spoken to, from the environment; the other settings build on it."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class KafkaSettings(BaseSettings):
    """Where Kafka is, and how it is spoken to; `shared.messaging.brokers` makes clients' arguments of it."""

    model_config = SettingsConfigDict(
        extra="ignore", frozen=True, case_sensitive=False, hide_input_in_errors=True, env_ignore_empty=True
    )

    kafka_bootstrap: str = Field("127.0.0.1:9092", description="Kafka, as host:port, several by comma.")
    kafka_security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        "PLAINTEXT", description="How Kafka is spoken to: `SSL` is TLS, `SASL` with a user's name."
    )
    kafka_sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] | None = Field(
        None, description="How that user signs on: `PLAIN`, `SCRAM-SHA-256` or `SCRAM-SHA-512`."
    )
    kafka_sasl_username: str = Field("", description="The user's name; with `SASL_…` protocols.")
    kafka_sasl_password: SecretStr = Field(SecretStr(""), description="Its password.")
    kafka_ssl_ca_file: Path | None = Field(
        None,
        description="PEM file of the authority that signed the brokers' certificates. Empty: the machine's.",
    )
    kafka_ssl_cert_file: Path | None = Field(
        None, description="PEM file of our own certificate, where the brokers ask for one."
    )
    kafka_ssl_key_file: Path | None = Field(
        None, description="PEM file of its private key. Empty: it is in the certificate's file."
    )
    kafka_ssl_key_password: SecretStr = Field(SecretStr(""), description="What opens that key.")
    kafka_ssl_check_hostname: bool = Field(
        default=True, description="A broker's certificate must name the host that was asked for."
    )

    @property
    def kafka_has_tls(self) -> bool:
        return self.kafka_security_protocol in ("SSL", "SASL_SSL")

    @property
    def kafka_has_sasl(self) -> bool:
        return self.kafka_security_protocol.startswith("SASL")

    def contradiction(self) -> str | None:
        """What can't be meant so, and what to set instead; None when all of it fits."""
        protocol = self.kafka_security_protocol
        sasl = {
            "KAFKA_SASL_MECHANISM": self.kafka_sasl_mechanism,
            "KAFKA_SASL_USERNAME": self.kafka_sasl_username,
            "KAFKA_SASL_PASSWORD": self.kafka_sasl_password.get_secret_value(),
        }
        tls = {
            "KAFKA_SSL_CA_FILE": self.kafka_ssl_ca_file,
            "KAFKA_SSL_CERT_FILE": self.kafka_ssl_cert_file,
            "KAFKA_SSL_KEY_FILE": self.kafka_ssl_key_file,
            "KAFKA_SSL_KEY_PASSWORD": self.kafka_ssl_key_password.get_secret_value(),
            "KAFKA_SSL_CHECK_HOSTNAME=false": not self.kafka_ssl_check_hostname,
        }
        if self.kafka_has_sasl and (missing := [name for name, value in sasl.items() if not value]):
            return f"Set {', '.join(missing)}, too: KAFKA_SECURITY_PROTOCOL is {protocol}."
        if not self.kafka_has_sasl and (idle := [name for name, value in sasl.items() if value]):
            wanted = "SASL_SSL" if self.kafka_has_tls else "SASL_SSL (or SASL_PLAINTEXT)"
            return (
                f"Set KAFKA_SECURITY_PROTOCOL to {wanted} for {', '.join(idle)}; {protocol} signs nobody on."
            )
        if not self.kafka_has_tls and (idle := [name for name, value in tls.items() if value]):
            wanted = "SASL_SSL" if self.kafka_has_sasl else "SSL"
            return f"Set KAFKA_SECURITY_PROTOCOL to {wanted} for {', '.join(idle)}; {protocol} has no TLS."
        if self.kafka_ssl_key_file is not None and self.kafka_ssl_cert_file is None:
            return "Set KAFKA_SSL_CERT_FILE, too: KAFKA_SSL_KEY_FILE is the key of a certificate."
        return None
