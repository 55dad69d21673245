"""Who is calling, and whether they may. Every route says who is allowed, or the service does not start.

    CAMPAIGNS = Resource("campaigns", read=allow(*Role), change=allow(Role.ADMIN, Role.MARKETER))

    @router.post("/v1/campaigns")
    async def add(caller: Annotated[Caller, Depends(CAMPAIGNS.change)], …)

The route runs the check before it reads the body; the dependency only hands the caller over. Which rows
a caller reaches is asked of the same table, for the verb they use: what the other roles of a caller
may see never widens what one of them may change.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Flag, StrEnum, auto
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
    """Someone known. `subject` is a person's `sub`, an API key's id, or a service's name.

    `credential` names what they showed, never the secret itself: a token's `jti` (else the id of the key
    that signed it), or an API key's id.
    """

    kind: Literal["person", "server", "service", "form"]
    subject: str
    roles: frozenset[Role] = frozenset()
    scopes: frozenset[str] = frozenset()
    credential: str = ""


class Rows(Flag):
    """Which rows of a resource a role reaches. Two roles reach the rows of both."""

    NONE = 0
    OWN = auto()
    TEAM = auto()
    MANAGED = auto()
    ALL = auto()

    def words(self) -> str:
        """`your own and those of teams you manage`."""
        return " and ".join(_WORDS[each] for each in Rows if each in self) or "none"


_WORDS = {
    Rows.OWN: "your own",
    Rows.TEAM: "your team's",
    Rows.MANAGED: "those of teams you manage",
    Rows.ALL: "all",
}


# What a rep hears who has left: their rows are their manager's to give to somebody else.
INACTIVE = "You are no active rep any more, so nothing here is yours: ask your manager."

# For whoever sets up the sign-on; the log says why.
_NO_ROLE = " The token gives you no role here; administrators look at AUTH_ROLES_CLAIM and AUTH_ROLE_MAPPING."


@dataclass(frozen=True, slots=True)
class Access:
    """The marker of a route: who may call it. Make one with `allow(…)` or `public(…)`.

    `name` is the verb and the resource of the table it stands in: `change deals`.
    """

    rows: Mapping[Role, Rows] = field(default_factory=dict, hash=False)
    servers: str | None = None
    services: tuple[str, ...] = ()
    why_open: str | None = None
    name: str = ""

    @property
    def roles(self) -> frozenset[Role]:
        """The roles that may call."""
        return frozenset(self.rows)

    def check(self, caller: Caller) -> None:
        """Raises ForbiddenError unless this caller may."""
        if self.why_open is not None:
            return
        if caller.kind == "person" and not caller.roles.isdisjoint(self.rows):
            return
        if caller.kind == "server" and self.servers is not None and self.servers in caller.scopes:
            return
        if caller.kind == "service" and caller.subject in self.services:
            return
        has_none = caller.kind == "person" and not caller.roles
        raise ForbiddenError(f"This needs {self.wanted()}.{_NO_ROLE if has_none else ''}")

    def reach(self, caller: Caller) -> Rows:
        """The rows this caller may do it to, by those of their roles that may do it; a server to all."""
        if caller.kind == "server":
            return Rows.ALL if self.servers in caller.scopes else Rows.NONE
        reached = Rows.NONE
        for role in caller.roles:
            reached |= self.rows.get(role, Rows.NONE)
        return reached

    def by(self, caller: Caller, *roles: Role) -> bool:
        """Whether one of these roles lets the caller do this; one that may not do it counts for nothing."""
        return not caller.roles.isdisjoint(self.roles.intersection(roles))

    def beyond(self, caller: Caller) -> ForbiddenError:
        """What someone hears who may see a row, and not do this to it."""
        return ForbiddenError(f"You may see this, but {self.name} only among {self.reach(caller).words()}.")

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


def allow(
    *roles: Role,
    rows: Mapping[Role, Rows] | None = None,
    servers: str | None = None,
    services: tuple[str, ...] = (),
) -> Access:
    """People with one of these roles (or, for these `rows` only, of those), keys with a scope, services."""
    reached = {**dict.fromkeys(roles, Rows.ALL), **(rows or {})}
    if not reached and servers is None and not services:
        raise ValueError("allow() without anyone; use public() for a route open to all.")
    return Access(reached, servers, tuple(services))


def public(why: str) -> Access:
    """Open to everyone. `why` is shown in the list of routes and has to be a reason."""
    return Access(why_open=why)


@dataclass(frozen=True)
class Resource:
    """One line of an area's table: who may read something and who may change it, and which rows of it.

    A verb left out is nobody's. Raises ValueError when a role could change what it can't see.
    """

    name: str
    read: Access = field(default_factory=Access)
    change: Access = field(default_factory=Access)

    def __post_init__(self) -> None:
        for role, rows in self.change.rows.items():
            seen = self.read.rows.get(role, Rows.NONE)
            if self.read.rows and Rows.ALL not in seen and rows not in seen:
                raise ValueError(f"{self.name}: {role} would change {rows.words()} and see {seen.words()}.")
        object.__setattr__(self, "read", replace(self.read, name=f"read {self.name}"))
        object.__setattr__(self, "change", replace(self.change, name=f"change {self.name}"))


@dataclass(frozen=True, slots=True)
class RouteAccess:
    """One line of `access_of(app)`; the tests of each service go through all of them."""

    method: str
    path: str
    roles: frozenset[Role] = field(default_factory=frozenset)
    services: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    public: str | None = None
    names: tuple[str, ...] = ()


def bearer(headers: Mapping[str, str]) -> str:
    """The credential of an Authorization header. Raises UnauthenticatedError without one."""
    scheme, _, credential = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not credential.strip():
        raise UnauthenticatedError("Send `Authorization: Bearer …` with a token or an API key.")
    return credential.strip()
