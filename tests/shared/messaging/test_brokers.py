"""How Kafka is spoken to follows from the settings; what they can't mean is said before any client starts."""

import ssl
from pathlib import Path
from typing import Any

import pytest

from shared.kafka_settings import KafkaSettings
from shared.messaging import brokers
from shared.settings import SettingsError

SASL = {
    "kafka_sasl_mechanism": "SCRAM-SHA-512",
    "kafka_sasl_username": "marketing",
    "kafka_sasl_password": "s3cret",
}
# Settings, and what they are told to set.
CONTRADICTIONS: list[tuple[dict[str, Any], str]] = [
    (
        {"kafka_security_protocol": "SASL_SSL"},
        "KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD",
    ),
    (
        {"kafka_security_protocol": "SASL_SSL", **SASL, "kafka_sasl_password": ""},
        "Set KAFKA_SASL_PASSWORD, too",
    ),
    (SASL, "Set KAFKA_SECURITY_PROTOCOL to SASL_SSL (or SASL_PLAINTEXT)"),
    ({"kafka_security_protocol": "SSL", **SASL}, "Set KAFKA_SECURITY_PROTOCOL to SASL_SSL for"),
    ({"kafka_ssl_ca_file": "/ca.pem"}, "Set KAFKA_SECURITY_PROTOCOL to SSL for KAFKA_SSL_CA_FILE"),
    ({"kafka_security_protocol": "SASL_PLAINTEXT", **SASL, "kafka_ssl_ca_file": "/ca"}, "to SASL_SSL for"),
    ({"kafka_ssl_check_hostname": False}, "KAFKA_SSL_CHECK_HOSTNAME=false"),
    ({"kafka_security_protocol": "SSL", "kafka_ssl_key_file": "/key.pem"}, "Set KAFKA_SSL_CERT_FILE, too"),
    (
        {"kafka_security_protocol": "SSL", "kafka_ssl_ca_file": "/nowhere/ca.pem"},
        "KAFKA_SSL_CA_FILE: /nowhere",
    ),
]


def settings(**given: Any) -> KafkaSettings:
    return KafkaSettings(kafka_bootstrap="kafka.example.com:9093", **given)


@pytest.mark.parametrize(("given", "what"), CONTRADICTIONS, ids=[what for _, what in CONTRADICTIONS])
def test_what_can_not_be_meant_is_told_with_what_to_set(given: dict[str, Any], what: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        brokers.of(settings(**given))

    assert what in str(refusal.value)
    assert "s3cret" not in str(refusal.value)


def test_without_any_setting_nothing_is_asked_for() -> None:
    assert brokers.arguments(brokers.of(settings())) == {
        "bootstrap_servers": "kafka.example.com:9093",
        "security_protocol": "PLAINTEXT",
    }
    assert brokers.arguments("here:1") == {"bootstrap_servers": "here:1"}


def test_a_user_signs_on_over_tls() -> None:
    given = brokers.arguments(brokers.of(settings(kafka_security_protocol="SASL_SSL", **SASL)))
    context = given.pop("ssl_context")

    assert given == {
        "bootstrap_servers": "kafka.example.com:9093",
        "security_protocol": "SASL_SSL",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": "marketing",
        "sasl_plain_password": "s3cret",
    }
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)


def test_only_the_host_name_may_go_unchecked() -> None:
    found = brokers.of(settings(kafka_security_protocol="SSL", kafka_ssl_check_hostname=False))
    context = found.options["ssl_context"]

    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, False)


def test_a_password_is_never_shown() -> None:
    found = brokers.of(settings(kafka_security_protocol="SASL_SSL", **SASL))

    assert "s3cret" not in f"{found!r} {found}"


def test_a_file_that_is_no_certificate_is_named(tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    file.write_text("nothing of the kind")

    with pytest.raises(SettingsError, match=r"KAFKA_SSL_CA_FILE: .* is not a PEM file"):
        brokers.of(settings(kafka_security_protocol="SSL", kafka_ssl_ca_file=file))
