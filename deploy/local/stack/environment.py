"""`.leadloop/env`: made once, kept between starts. What stands in the environment wins over what was kept."""

import os
import secrets
import shlex
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from deploy.local.servers.ports import HOST, free_port, is_taken
from deploy.local.stack.layout import PROGRAMS, Layout, StackError
from shared.auth.key_files import admin_token, make_keys, private_key
from shared.kafka_settings import KafkaSettings
from shared.services import SERVICES

FIRST_PORTS = {
    **{f"{name.upper()}_PORT": facts.port for name, facts in SERVICES.items()},
    **{f"{name.upper()}_WORKER_PORT": facts.worker_port for name, facts in SERVICES.items()},
}


@dataclass(frozen=True)
class Environment:
    """The settings of a stack by name, and which servers are ours to run."""

    values: Mapping[str, str]

    @property
    def own_postgres(self) -> bool:
        return "POSTGRES_PORT" in self.values

    @property
    def own_kafka(self) -> bool:
        return "KAFKA_PORT" in self.values

    def port(self, name: str) -> int:
        return int(self.values[name])

    def database_url(self, service: str) -> str:
        return self.values[f"{service.upper()}_DATABASE_URL"]

    @property
    def kafka(self) -> KafkaSettings:
        """Where Kafka is, and how it is spoken to."""
        given = {name: self.values.get(name.upper()) for name in KafkaSettings.model_fields}
        return KafkaSettings.model_validate({name: value for name, value in given.items() if value})

    def url(self, service: str) -> str:
        return self.values[f"{service.upper()}_URL"]

    def database_password(self, service: str) -> str:
        return urlsplit(self.database_url(service)).password or ""


def read(layout: Layout) -> Environment | None:
    """What an earlier start has kept; None before the first."""
    if not layout.env.exists():
        return None
    words = shlex.split(layout.env.read_text(), comments=True)
    return Environment(dict(word.partition("=")[::2] for word in words))


def write(layout: Layout, environment: Environment) -> None:
    """Keep it, readable by the owner only from its first byte on."""
    lines = ["# Written by `make up`. Use it in a shell: set -a; . .leadloop/env; set +a"]
    lines += [f"{name}={shlex.quote(value)}" for name, value in environment.values.items()]
    partial = layout.env.with_suffix(".new")
    partial.unlink(missing_ok=True)
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write("\n".join(lines) + "\n")
    partial.replace(layout.env)


def settle(layout: Layout, given: Mapping[str, str]) -> Environment:
    """Every address, before a start. StackError names a port that is taken and how to choose another."""
    kept = dict(before.values) if (before := read(layout)) else {}
    values = {name: str(_port(name, given, kept)) for name in FIRST_PORTS}
    for service in SERVICES:
        values[f"{service.upper()}_URL"] = f"http://{HOST}:{values[f'{service.upper()}_PORT']}"
    values |= _databases(given, kept) | _kafka(given, kept)
    values["TOPIC_PREFIX"] = given.get("TOPIC_PREFIX", kept.get("TOPIC_PREFIX", ""))
    values["SECRETS_KEY"] = kept.get("SECRETS_KEY") or urlsafe_b64encode(secrets.token_bytes(32)).decode()
    values |= _graph(given, kept)
    values |= make_keys(layout.keys)
    values["ADMIN_TOKEN"] = admin_token(layout.keys)
    return Environment(values)


def program_environment(layout: Layout, environment: Environment, service: str) -> dict[str, str]:
    """What one program gets: its own database and its own key, never those of another service."""
    upper = service.upper()
    shared = {
        name: value
        for name, value in environment.values.items()
        if not name.endswith(("_DATABASE_URL", "_PORT")) and name not in {"ADMIN_TOKEN", "SECRETS_KEY"}
    }
    if service == "marketing":
        shared["SECRETS_KEY"] = environment.values["SECRETS_KEY"]
    return {
        # Here one address plays all of the world's, and the demo a month in a minute.
        **dict.fromkeys(("FORM_BURST", "FORM_RATE", "KEY_BURST", "KEY_RATE"), "1000000"),
        **shared,
        "MALLOC_ARENA_MAX": "2",
        "DATABASE_POOL": "5",  # one laptop, six processes: more connections would only cost memory
        "HOST": HOST,
        "PORT": environment.values[f"{upper}_PORT"],
        "WORKER_PORT": environment.values[f"{upper}_WORKER_PORT"],
        f"{upper}_DATABASE_URL": environment.database_url(service),
        "SERVICE_KEY_FILE": str(private_key(layout.keys, service)),
    }


def _port(name: str, given: Mapping[str, str], kept: Mapping[str, str]) -> int:
    """A port callers know must be the one they expect; a worker's is free for us to choose."""
    wanted = given.get(name) or kept.get(name)
    port = int(wanted or FIRST_PORTS[name])
    if not is_taken(port):
        return port
    if name.endswith("_WORKER_PORT") and name not in given:
        return free_port()
    service = name.removesuffix("_PORT").lower().replace("_", " ")
    raise StackError(
        f"Port {port}, where {service} is to listen, is taken{_by_whom(port)}.\n"
        f"Choose another: make up {name}={free_port()}"
    )


def _own_port(name: str, given: Mapping[str, str], kept: Mapping[str, str]) -> str:
    """A port of our own servers: the one asked for, or the one of last time, or any that is free."""
    if name in given and given[name] != kept.get(name) and is_taken(int(given[name])):
        raise StackError(f"Port {given[name]} is taken{_by_whom(int(given[name]))}. Choose another {name}.")
    wanted = given.get(name) or kept.get(name)
    return wanted if wanted and not is_taken(int(wanted)) else str(free_port())


def _by_whom(port: int) -> str:
    import psutil  # noqa: PLC0415 - belongs to the stack's programs; the image has none of them

    try:
        for connection in psutil.net_connections("tcp"):
            if connection.laddr and connection.laddr.port == port and connection.pid:
                return f" by {psutil.Process(connection.pid).name()} (pid {connection.pid})"
    except psutil.Error:
        pass  # the system does not tell us: whose it is remains a nicety
    return ""


def _databases(given: Mapping[str, str], kept: Mapping[str, str]) -> dict[str, str]:
    names = {service: f"{service.upper()}_DATABASE_URL" for service in SERVICES}
    ours = f"@{HOST}:{kept['POSTGRES_PORT']}/" if "POSTGRES_PORT" in kept else None
    wanted = {service: given.get(name) or kept.get(name, "") for service, name in names.items()}
    foreign = {service: url for service, url in wanted.items() if url and not (ours and ours in url)}
    if len(foreign) == len(SERVICES):
        return {names[service]: url for service, url in foreign.items()}
    if foreign:
        missing = ", ".join(names[service] for service in SERVICES if service not in foreign)
        raise StackError(f"Set {missing} too, or none of the three: the servers are all yours or all ours.")
    port = _own_port("POSTGRES_PORT", given, kept)
    urls = {"POSTGRES_PORT": port}
    for service, name in names.items():
        password = urlsplit(kept.get(name, "")).password or secrets.token_urlsafe(24)
        urls[name] = f"postgresql://{service}:{password}@{HOST}:{port}/{service}"
    return urls


def _kafka(given: Mapping[str, str], kept: Mapping[str, str]) -> dict[str, str]:
    ours = f"{HOST}:{kept['KAFKA_PORT']}" if "KAFKA_PORT" in kept else None
    wanted = given.get("KAFKA_BOOTSTRAP") or kept.get("KAFKA_BOOTSTRAP")
    if wanted and wanted != ours:
        # How a Kafka of yours is spoken to is kept with its address; ours has neither TLS nor users.
        before = kept if wanted == kept.get("KAFKA_BOOTSTRAP") else {}
        named = [name.upper() for name in KafkaSettings.model_fields]
        spoken = {name: value for name in named if (value := given.get(name) or before.get(name))}
        return spoken | {"KAFKA_BOOTSTRAP": wanted}
    port = _own_port("KAFKA_PORT", given, kept)
    controller = _own_port("KAFKA_CONTROLLER_PORT", given, kept)
    return {"KAFKA_BOOTSTRAP": f"{HOST}:{port}", "KAFKA_PORT": port, "KAFKA_CONTROLLER_PORT": controller}


def _graph(given: Mapping[str, str], kept: Mapping[str, str]) -> dict[str, str]:
    """Meta can't reach a laptop: the local stack asks the server `make demo` runs, unless told otherwise."""
    if given.get("META_GRAPH_URL"):
        return {"META_GRAPH_URL": given["META_GRAPH_URL"]}
    port = urlsplit(kept.get("META_GRAPH_URL", "")).port
    ours = port is not None and not is_taken(port) and kept["META_GRAPH_URL"] == f"http://{HOST}:{port}"
    return {"META_GRAPH_URL": f"http://{HOST}:{port if ours else free_port()}"}


def log_files(layout: Layout) -> list[Path]:
    """Every log of the stack, in the order of the table of `make status`."""
    names = ["postgres", "kafka", *(program.name for program in PROGRAMS), "supervisord"]
    return [path for path in (layout.logs / f"{name}.log" for name in names) if path.exists()]
