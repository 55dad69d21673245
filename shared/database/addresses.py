"""A PostgreSQL URL, read once for all who connect: the pool, own connections, and PostgreSQL's programs."""

import os
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlencode, urlsplit

from shared.database.url_parameters import (
    BY_URL,
    FILES,
    IN_ENVIRONMENT,
    KNOWN,
    SYSTEM,
    VERIFIED,
    parameters,
    refused,
)
from shared.settings import SettingsError

SCHEMES = ("postgresql", "postgres", "postgresql+asyncpg")


@dataclass(frozen=True, slots=True)
class Address:
    """One database: where it is, as whom, and how safely it is spoken to."""

    hosts: tuple[str, ...]  # none: what PGHOST says, or the machine's own socket
    ports: tuple[int, ...]  # none, or one for each host
    user: str | None
    password: str | None = field(repr=False)
    database: str | None
    parameters: Mapping[str, str] = field(repr=False)

    @property
    def mode(self) -> str:
        """How TLS is used, as libpq calls it."""
        return self.parameters.get("sslmode") or os.environ.get("PGSSLMODE") or "prefer"

    @property
    def url(self) -> str:
        """As one text again."""
        place = ",".join(
            f"{_bracketed(host)}:{port}" for host, port in zip(self.hosts, self.ports, strict=True)
        )
        who = quote(self.user or "", safe="")
        who += f":{quote(self.password, safe='')}" if self.password is not None else ""
        query = urlencode(self.parameters, quote_via=quote)
        at = f"{who}@" if who else ""
        return f"postgresql://{at}{place}/{quote(self.database or '')}{'?' if query else ''}{query}"

    def of_database(self, name: str) -> "Address":
        """Another database of the same server."""
        return replace(self, database=name)

    def driver_arguments(self, application: str, *, patience: float = 3) -> dict[str, Any]:
        """What `asyncpg.connect` takes, but for the bounds of a session, which who connects adds.

        `patience` is how many seconds connecting may take, where the URL does not say (`connect_timeout`).
        """
        by_url = {name: value for name, value in self.parameters.items() if name in BY_URL}
        server = {"application_name": self.application(application)}
        if "options" in self.parameters:
            server["options"] = self.parameters["options"]
        found: dict[str, Any] = {
            "host": list(self.hosts) or None,
            "port": list(self.ports) or None,
            "user": self.user,
            "password": self.password,
            "database": self.database,
            "timeout": self._patience(patience),
            "target_session_attrs": self.parameters.get("target_session_attrs"),
            "server_settings": server,
        }
        if by_url.get("sslrootcert") == SYSTEM:  # which asyncpg would take for the name of a file
            found["ssl"] = self._trusting_the_system()
            by_url = {name: value for name, value in by_url.items() if name == "passfile"}
        return found | {"dsn": f"postgresql://?{urlencode(by_url)}" if by_url else None}

    def application(self, ours: str) -> str:
        """What the server's lists show: our program first, the URL's own word behind it."""
        theirs = self.parameters.get("application_name")
        return f"{ours} ({theirs})" if theirs else ours

    def program_environment(self, application: str, options: str = "") -> dict[str, str]:
        """What pg_dump, pg_restore and psql read instead of a command line that everybody could see."""
        found = {
            IN_ENVIRONMENT[name]: value for name, value in self.parameters.items() if name in IN_ENVIRONMENT
        }
        found |= {
            "PGHOST": ",".join(self.hosts),
            "PGPORT": ",".join(map(str, self.ports)),
            "PGUSER": self.user or "",
            "PGPASSWORD": self.password or "",
            "PGDATABASE": self.database or "",
            "PGAPPNAME": self.application(application),
            "PGOPTIONS": " ".join(filter(None, (self.parameters.get("options"), options))),
        }
        return {name: value for name, value in found.items() if value}

    def check(self) -> "Address":
        """Look at the files now, not at the first connection. Raises SettingsError naming the parameter."""
        root = self.parameters.get("sslrootcert") or os.environ.get("PGSSLROOTCERT")
        usual = Path("~/.postgresql/root.crt").expanduser()
        if self.mode in VERIFIED and not root and not usual.exists():
            raise refused(
                "sslrootcert", f"is missing: sslmode={self.mode} needs the file of the authority to trust"
            )
        for name in FILES:
            path = self.parameters.get(name)
            if path and not (name == "sslrootcert" and path == SYSTEM):
                self._check_file(name, path)
        return self

    def _check_file(self, name: str, path: str) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        try:
            if name == "sslcert":
                password = self.parameters.get("sslpassword", "")
                context.load_cert_chain(path, self.parameters.get("sslkey"), lambda: password)
            elif name == "sslkey":
                Path(path).read_bytes()
            else:
                context.load_verify_locations(cafile=path)
        except ssl.SSLError as error:
            raise refused(name, f"{path} is not a PEM file that can be used ({error.reason})") from error
        except OSError as error:
            raise refused(name, f"{path} can't be read ({error.strerror})") from error

    def _trusting_the_system(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        if "sslcert" in self.parameters:
            password = self.parameters.get("sslpassword", "")
            context.load_cert_chain(
                self.parameters["sslcert"], self.parameters.get("sslkey"), lambda: password
            )
        return context

    def _patience(self, usual: float) -> float | None:
        """None, or 0 in the URL: as long as it takes."""
        asked = self.parameters.get("connect_timeout")
        return usual if asked is None else float(asked) or None


def read(url: str) -> Address:
    """What a URL says. Raises SettingsError that names the part that is wrong, without its value."""
    parts = urlsplit(url)
    if parts.scheme not in SCHEMES:
        raise SettingsError(
            "A database's URL begins with postgresql://, as in postgresql://role:password@host/db."
        )
    found = parameters(parts.query)
    who, _, where = parts.netloc.rpartition("@")
    user, _, password = who.partition(":")
    hosts, ports = _places(where, found)
    return Address(
        hosts=hosts,
        ports=ports,
        user=unquote(user) or found.get("user"),
        password=unquote(password) if password else found.get("password"),
        database=unquote(parts.path.removeprefix("/")) or found.get("dbname"),
        parameters={name: value for name, value in found.items() if name in KNOWN},
    )


def _places(where: str, found: Mapping[str, str]) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """Hosts and their ports: `a:5432,b:5433`, `[::1]:5432`, or the parameters `host` and `port`."""
    named = [place for place in (where or found.get("host", "")).split(",") if place]
    hosts, ports = [], []
    for place in named:
        host, colon, port = place.rpartition(":") if not place.endswith("]") else (place, "", "")
        host, port = (host, port) if colon else (place, found.get("port", "5432"))
        if not port.isascii() or not port.isdigit():
            raise SettingsError("A database's URL has a port that is no number.")
        hosts.append(unquote(host.strip("[]")))
        ports.append(int(port))
    return tuple(hosts), tuple(ports)


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else quote(host, safe="")
