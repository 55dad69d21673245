"""How Kafka is spoken to, said once: every client of ours gets its arguments here."""

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiokafka.conn import collect_hosts, create_conn
from aiokafka.errors import KafkaError

from shared.kafka_settings import KafkaSettings
from shared.settings import SettingsError

TRIED_FOR = 5_000  # milliseconds


@dataclass(frozen=True)
class Brokers:
    """Where Kafka is, and what its clients take besides."""

    bootstrap: str
    options: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def __str__(self) -> str:
        return self.bootstrap


Where = str | Brokers  # a plain address: without TLS, as nobody in particular


def arguments(where: Where) -> dict[str, Any]:
    """Of every aiokafka client: its address, protocol and sign-on."""
    if isinstance(where, str):
        return {"bootstrap_servers": where}
    return {"bootstrap_servers": where.bootstrap, **where.options}


def of(settings: KafkaSettings) -> Brokers:
    """As the settings say. Raises SettingsError that names what is missing, contradicted or unreadable."""
    if contradiction := settings.contradiction():
        raise SettingsError(contradiction)
    options: dict[str, Any] = {"security_protocol": settings.kafka_security_protocol}
    if settings.kafka_has_tls:
        options["ssl_context"] = _context(settings)
    if settings.kafka_has_sasl:
        options |= {
            "sasl_mechanism": settings.kafka_sasl_mechanism,
            "sasl_plain_username": settings.kafka_sasl_username,
            "sasl_plain_password": settings.kafka_sasl_password.get_secret_value(),
        }
    return Brokers(settings.kafka_bootstrap, options)


async def reason(where: Where) -> str | None:
    """Why no broker can be used, each asked in turn: what the clients only write into their own log.

    None when one of them can be: then it was something else.
    """
    options = dict(where.options) if isinstance(where, Brokers) else {}
    said: list[str] = []
    for host, port, _ in collect_hosts(str(where)):
        try:
            connection = await create_conn(host, port, request_timeout_ms=TRIED_FOR, **options)
        except (KafkaError, OSError, TimeoutError) as error:
            said.append(f"{host}:{port}: {_told(error, options)}")
        else:
            connection.close()
            return None
    return "; ".join(said)


def _told(error: BaseException, options: Mapping[str, Any]) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is refused: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return f"TLS failed ({error.reason}); is this port one of TLS?"
    if isinstance(error, ConnectionResetError) and "ssl_context" in options:
        return "TLS failed (it hung up on our greeting); is this port one of TLS?"
    if isinstance(error, KafkaError) and options.get("security_protocol", "PLAINTEXT") == "PLAINTEXT":
        return f"{error}; does it take TLS or sign-on only (KAFKA_SECURITY_PROTOCOL)?"
    return str(error) or type(error).__name__


def _context(settings: KafkaSettings) -> ssl.SSLContext:
    """Trust in the authority that is named, or in the machine's; our own certificate where there is one."""
    ca = settings.kafka_ssl_ca_file
    with _naming("KAFKA_SSL_CA_FILE", ca or Path()):
        context = ssl.create_default_context(cafile=ca)
    context.check_hostname = settings.kafka_ssl_check_hostname
    if settings.kafka_ssl_cert_file is not None:
        password = settings.kafka_ssl_key_password.get_secret_value()
        with _naming("KAFKA_SSL_CERT_FILE, KAFKA_SSL_KEY_FILE", settings.kafka_ssl_cert_file):
            context.load_cert_chain(
                settings.kafka_ssl_cert_file, settings.kafka_ssl_key_file, lambda: password
            )
    return context


@contextmanager
def _naming(setting: str, path: Path) -> Iterator[None]:
    """What is wrong with a file, as a SettingsError that names its setting."""
    try:
        yield
    except ssl.SSLError as error:
        raise SettingsError(
            f"{setting}: {path} is not a PEM file that can be used ({error.reason})."
        ) from error
    except OSError as error:
        raise SettingsError(f"{setting}: {path} can't be read ({error.strerror}).") from error
