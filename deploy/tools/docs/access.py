"""docs/access.md, made from the tables of access and the routes that take their callers from them."""

import os
import pkgutil
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path

from shared.auth.access import Access, Resource, Role, RouteAccess, Rows
from shared.http.api_key_routes import API_KEYS
from shared.http.audit.routes import AUDIT
from shared.http.route_access import access_of
from shared.services import SERVICES

INTRO = """\
# Who may do what

Made from the tables of access (`services/<service>/<area>/access.py`) and from the routes, which take their
callers from them. A route that names nobody stops the start of its service.

A person may have several roles. They may do what one of their roles may do, to the rows which that role
reaches for that: what another role lets them see is not theirs to change. Who may see a row and not change
it hears 403; who may not see it hears 404, as if it were not there. `key` is the scope of a server's API
key, `service` one of our own services; both reach all rows.
"""
COLUMNS = "| | read | change |\n|---|---|---|\n"


class NoTableError(Exception):
    """A route takes its callers from no table, or two lines of a service's tables have one name."""


def pages() -> dict[Path, str]:
    """The one page."""
    return {Path("docs/access.md"): INTRO + "".join(_service(name) for name in SERVICES)}


def _service(service: str) -> str:
    tables = {**tables_of(service), "every service": [API_KEYS, AUDIT]}
    parts = [f"\n## {service.capitalize()}\n\n", COLUMNS]
    for area, resources in tables.items():
        parts.append(f"| **{area}** | | |\n")
        parts += [f"| {each.name} | {_who(each.read)} | {_who(each.change)} |\n" for each in resources]
    parts.append("\n| route | may be called by who may |\n|---|---|\n")
    return "".join([*parts, *route_lines(routes_of(service), tables)])


def tables_of(service: str) -> dict[str, list[Resource]]:
    """The lines of each area's table, in the order in which they are written there."""
    root = import_module(f"services.{service}")
    found = {}
    for area in sorted(each.name for each in pkgutil.iter_modules(root.__path__) if each.ispkg):
        package = import_module(f"{root.__name__}.{area}")
        if any(each.name == "access" for each in pkgutil.iter_modules(package.__path__)):
            lines = vars(import_module(f"{package.__name__}.access")).values()
            found[area] = [each for each in lines if isinstance(each, Resource)]
    return found


def routes_of(service: str) -> Sequence[RouteAccess]:
    """What the service answers, asked of its app; nothing is started, and nothing is reached."""
    unused = {
        f"{service.upper()}_DATABASE_URL": "postgresql://nobody@127.0.0.1/nothing",
        "AUTH_ISSUER": "https://login.example",
        "AUTH_JWKS_URL": "https://login.example/jwks",
        "SERVICE_JWKS_URL": "https://login.example/services",
    }
    kept = dict(os.environ)
    os.environ.clear()  # what a shell has set changes no page
    os.environ.update(unused)
    try:
        return access_of(import_module(f"services.{service}.app").create())
    finally:
        os.environ.clear()
        os.environ.update(kept)


def route_lines(routes: Sequence[RouteAccess], tables: Mapping[str, Sequence[Resource]]) -> Iterator[str]:
    """One line per route. Raises NoTableError for a route whose callers stand in no table."""
    resources = [each for area in tables.values() for each in area]
    names = {access.name for each in resources for access in (each.read, each.change)}
    if len(names) != 2 * len(resources):
        raise NoTableError(f"Two lines of one name: {sorted(each.name for each in resources)}")
    for route in routes:
        if not (route.public or set(route.names) & names):
            raise NoTableError(f"{route.method} {route.path} takes its callers from no table of access.")
        who = f"open: {route.public}" if route.public else ", ".join(route.names)
        yield f"| `{route.method} {route.path}` | {who} |\n"


def _who(access: Access) -> str:
    by_rows: dict[Rows, list[str]] = {}
    for role in Role:
        if role in access.rows:
            by_rows.setdefault(access.rows[role], []).append(role.value)
    people = [f"{', '.join(roles)}: {rows.words()}" for rows, roles in by_rows.items()]
    keys = [f"key `{access.servers}`"] if access.servers else []
    return "; ".join([*people, *keys, *(f"service {name}" for name in access.services)])
