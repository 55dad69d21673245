"""Whose servers these are: what changes things touches the local stack only, unless told otherwise."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from pydantic import ValidationError
from rich.console import Console

from deploy.ops.terminal import fail
from shared.database.addresses import Address, read
from shared.kafka_settings import KafkaSettings
from shared.messaging import brokers
from shared.messaging.brokers import Brokers, Where
from shared.services import SERVICES
from shared.settings import SettingsError

if TYPE_CHECKING:
    from deploy.local.stack.environment import Environment

errors = Console(stderr=True, highlight=False, markup=False)


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where everything is. Without `kafka`, only the databases are compared."""

    databases: Mapping[str, str]  # by service
    kafka: Where | None = None
    prefix: str = field(default="")


def home() -> Path:
    """The folder of this installation: where the image has its volume, or `.leadloop` of the checkout."""
    return Path(os.environ.get("LEADLOOP_HOME") or Path(__file__).parents[2] / ".leadloop").absolute()


def kept_by_the_stack() -> "Environment | None":
    """What `make up` has written down here; None before the first, and in the image, which has no stack."""
    if find_spec("deploy.local") is None:
        return None
    from deploy.local.stack import environment, layout  # noqa: PLC0415 - as above

    return environment.read(layout.layout())


def given_addresses() -> Addresses:
    """From the environment, or else the local stack's."""
    return Addresses(database_urls(), kafka(), prefix())


def is_local(addresses: Addresses) -> bool:
    """Whether all of these are servers that `make up` runs here."""
    kept = kept_by_the_stack()
    return (
        kept is not None
        and kept.own_postgres
        and kept.own_kafka
        and str(addresses.kafka) == kept.values["KAFKA_BOOTSTRAP"]
        and all(addresses.databases[service] == kept.database_url(service) for service in SERVICES)
    )


def insist_on_local(addresses: Addresses, *, anywhere: bool) -> bool:
    """Whether it is the local stack; the end of the program when it is not and nobody said so."""
    local = is_local(addresses)
    if not local and not anywhere:
        named = [name for name in ("KAFKA_BOOTSTRAP", *_database_names()) if os.environ.get(name)]
        raise fail(
            "these servers are not the local stack"
            + (f" ({', '.join(named)} name others)" if named else "")
            + ", and this changes data. If they are meant, say --anywhere."
        )
    return local


def local_admin_url(addresses: Addresses) -> str:
    """The superuser of the local stack's PostgreSQL; the end of the program on any other."""
    kept = kept_by_the_stack()
    if kept is None or not is_local(addresses):
        raise fail("these servers are not the local stack: name a role that may make databases, --admin-url.")
    from deploy.local.servers.postgres import Postgres  # noqa: PLC0415 - the image has no servers

    return Postgres(home(), kept.port("POSTGRES_PORT")).admin_url


def _database_names() -> list[str]:
    return [f"{service.upper()}_DATABASE_URL" for service in SERVICES]


def setting(name: str) -> str:
    """From the environment, or else from the local stack's `.leadloop/env`; the end when it is in neither."""
    kept = kept_by_the_stack()
    value = os.environ.get(name) or (kept.values.get(name) if kept else None)
    if not value:
        errors.print(f"leadloop: set {name}, or start the local stack with `make up`.")
        raise typer.Exit(1)
    return value


def database_url(service: str) -> str:
    """Of one service; the end of the program when it, or a file that it names, can't be used."""
    url = setting(f"{service.upper()}_DATABASE_URL")
    usable(url)
    return url


def usable(url: str) -> Address:
    """What a database's URL says; the end of the program when it, or a file it names, can't be used."""
    try:
        return read(url).check()
    except SettingsError as error:
        raise fail(str(error)) from error


def database_urls() -> dict[str, str]:
    """The three databases by service."""
    return {service: database_url(service) for service in SERVICES}


def kafka() -> Brokers:
    """Kafka and how it is spoken to: from the environment, or else as the local stack has it."""
    kept = None if os.environ.get("KAFKA_BOOTSTRAP") else kept_by_the_stack()
    known = {**(kept.values if kept else {}), **os.environ}
    setting("KAFKA_BOOTSTRAP")  # without one there is no Kafka to guess
    given = {name: known[name.upper()] for name in KafkaSettings.model_fields if known.get(name.upper())}
    try:
        return brokers.of(KafkaSettings.model_validate(given))
    except SettingsError as error:
        raise fail(str(error)) from error
    except ValidationError as error:
        name = str(error.errors()[0]["loc"][0]).upper()
        raise fail(f"{name}: {error.errors()[0]['msg']}; docs/settings.md says what it is.") from error


def prefix() -> str:
    """What stands before every topic and group name: from the environment, or else from the local stack."""
    kept = kept_by_the_stack()
    return os.environ.get("TOPIC_PREFIX") or (kept.values.get("TOPIC_PREFIX", "") if kept else "")
