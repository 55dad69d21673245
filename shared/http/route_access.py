"""Default-deny: a service with a route that does not say who may call it does not start."""

from collections.abc import Iterator
from typing import Protocol

from fastapi.routing import iter_route_contexts
from starlette.routing import BaseRoute

from shared.auth.access import Access, Role, RouteAccess
from shared.http import docs_page
from shared.http.raw_routes import RawRoutes
from shared.http.routes import Route

# They describe the service and show no data.
_PAGES = frozenset({"/openapi.json", docs_page.PAGE, docs_page.PARTS})


class HasRoutes(Protocol):
    """A service, as far as this needs to know it: its routes and its doors."""

    doors: RawRoutes

    @property
    def routes(self) -> list[BaseRoute]: ...


class UnmarkedRouteError(RuntimeError):
    """A route has no access, or `public(…)`, or goes past the edge."""


def check_marked(app: HasRoutes) -> None:
    """Raises UnmarkedRouteError naming every route that does not say who may call it."""
    wrong = []
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        if context.path in _PAGES:
            continue
        if not isinstance(route, Route):
            wrong.append(f"{context.path}: make it with shared.http.service.router() or as a RawRoute")
        elif not route.accesses:
            wrong.append(f"{context.path}: add Depends(…) of a table of access, or of public(…)")
    if wrong:
        raise UnmarkedRouteError("\n".join(["Routes that do not say who may call them:", *wrong]))


def methods_at(app: HasRoutes, path: str) -> set[str]:
    """Everything that doors and routes take at a path. (Starlette names the first route's methods only.)"""
    found = app.doors.methods_at(path)
    for context in iter_route_contexts(app.routes):
        if context.path_regex.match(path):
            found |= set(context.methods or ())
    return found


def access_of(app: HasRoutes) -> list[RouteAccess]:
    """Who may call what: one line per method and path, doors included, sorted."""
    lines = [*_of_routes(app), *_of_doors(app)]
    return sorted(lines, key=lambda line: (line.path, line.method))


def _of_routes(app: HasRoutes) -> Iterator[RouteAccess]:
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        if isinstance(route, Route):
            for method in sorted(context.methods or ()):
                yield _line(method, str(context.path), route.accesses)


def _of_doors(app: HasRoutes) -> Iterator[RouteAccess]:
    for door in app.doors.all:
        for method in door.methods:
            yield _line(method, door.path, [door.access])


def _line(method: str, path: str, accesses: list[Access]) -> RouteAccess:
    closed = [access for access in accesses if access.why_open is None]
    if not closed:
        return RouteAccess(method, path, public=accesses[0].why_open)
    # Every marker has to let the caller in: what remains is what all of them share.
    roles = frozenset[Role].intersection(*(access.roles for access in closed))
    services = set(closed[0].services).intersection(*(access.services for access in closed))
    scopes = {access.servers for access in closed}
    scope = scopes.pop() if len(scopes) == 1 else None
    names = tuple(access.name for access in closed if access.name)
    return RouteAccess(method, path, roles, tuple(sorted(services)), (scope,) if scope else (), names=names)
