"""Who is calling, and whether they may. Every route says who is allowed, or the service does not start.

    @router.post("/v1/campaigns")
    async def add(caller: Annotated[Caller, Depends(allow(Role.ADMIN, Role.MARKETER))], …)

The route runs the check before it reads the body; the dependency only hands the caller over.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, cast

from fastapi import Request

from shared.errors import ForbiddenError, UnauthenticatedError


class Role(StrEnum):
    """What a person may be, by the `roles` claim of their token."""

    ADMIN = "admin"
    MARKETER = "marketer"
    SALES_MANAGER = "sales_manager"
    REP = "rep"
    ANALYST = "analyst"
    FINANCE = "finance"


@dataclass(frozen=True, slots=True)
class Caller:
    """Someone known. `subject` is a person's `sub`, an API key's id, or a service's name."""

    kind: Literal["person", "server", "service", "form"]
    subject: str
    roles: frozenset[Role] = frozenset()
    scopes: frozenset[str] = frozenset()

    def has(self, *roles: Role) -> bool:
        """Whether a person has one of these roles."""
        return not self.roles.isdisjoint(roles)


@dataclass(frozen=True, slots=True)
class Access:
    """The marker of a route: who may call it. Make one with `allow(…)` or `public(…)`."""

    roles: frozenset[Role] = frozenset()
    servers: str | None = None
    services: tuple[str, ...] = ()
    why_open: str | None = None

    def check(self, caller: Caller) -> None:
        """Raises ForbiddenError unless this caller may."""
        if self.why_open is not None:
            return
        if caller.kind == "person" and not caller.roles.isdisjoint(self.roles):
            return
        if caller.kind == "server" and self.servers is not None and self.servers in caller.scopes:
            return
        if caller.kind == "service" and caller.subject in self.services:
            return
        raise ForbiddenError(f"This needs {self.wanted()}.")

    def wanted(self) -> str:
        """Who may, in words."""
        wanted = [f"the role {role.value}" for role in sorted(self.roles)]
        if self.servers is not None:
            wanted.append(f"an API key with the scope {self.servers}")
        wanted += [f"the service {name}" for name in self.services]
        return " or ".join(wanted) or "nobody"

    async def __call__(self, request: Request) -> Caller | None:
        """What the dependency hands over: the caller the route has already checked; None when open."""
        if self.why_open is not None:
            return None
        caller = request.scope.get("leadloop.caller")
        if caller is None:
            raise UnauthenticatedError("Send `Authorization: Bearer …`.")
        return cast(Caller, caller)


def allow(*roles: Role, servers: str | None = None, services: tuple[str, ...] = ()) -> Access:
    """Only people with one of these roles, API keys with the scope `servers`, or these services."""
    if not roles and servers is None and not services:
        raise ValueError("allow() without anyone; use public() for a route open to all.")
    return Access(frozenset(roles), servers, tuple(services))


def public(why: str) -> Access:
    """Open to everyone. `why` is shown in the list of routes and has to be a reason."""
    return Access(why_open=why)


@dataclass(frozen=True, slots=True)
class RouteAccess:
    """One line of `access_of(app)`; the tests of each service go through all of them."""

    method: str
    path: str
    roles: frozenset[Role] = field(default_factory=frozenset)
    services: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    public: str | None = None


def bearer(headers: Mapping[str, str]) -> str:
    """The credential of an Authorization header. Raises UnauthenticatedError without one."""
    scheme, _, credential = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not credential.strip():
        raise UnauthenticatedError("Send `Authorization: Bearer …` with a token or an API key.")
    return credential.strip()
