"""Default-deny: every route says who may call it, and means it."""

from uuid import UUID

import pytest
from fastapi import APIRouter
from httpx import AsyncClient

from shared.auth.access import Access, Caller, Role, RouteAccess, allow, public
from shared.errors import ForbiddenError
from shared.http.app import create_service
from shared.http.route_access import UnmarkedRouteError, access_of
from shared.http.service import Service, router
from shared.settings import SettingsError
from tests.shared.http import things
from tests.support.keys import Keys


async def test_every_route_refuses_every_role_it_does_not_name(
    client: AsyncClient, service: Service, keys: Keys
) -> None:
    for line in access_of(service):
        path = line.path.replace("{key_id}", str(UUID(int=1))).replace("{", "").replace("}", "")
        unknown = await client.request(line.method, path)
        assert (unknown.status_code == 401) == (line.public is None), line
        for role in Role:
            answer = await client.request(line.method, path, headers=keys.as_(role))
            allowed = line.public is not None or role in line.roles
            assert (answer.status_code == 403) == (not allowed), (line, role)


def test_a_route_that_does_not_say_who_may_call_stops_the_start(keys: Keys) -> None:
    open_by_mistake = router("/v1/open")
    open_by_mistake.add_api_route("", lambda: None, methods=["GET"])
    past_the_edge = APIRouter(prefix="/v1/past")
    past_the_edge.add_api_route("", lambda: None, methods=["GET"])
    _, settings = things.make_service("postgresql://nobody@127.0.0.1:1/none", keys)

    with pytest.raises(UnmarkedRouteError, match="/v1/open"):
        create_service("handoff", settings, [open_by_mistake])
    with pytest.raises(UnmarkedRouteError, match="/v1/past"):
        create_service("handoff", settings, [past_the_edge])


def test_missing_settings_are_named(keys: Keys) -> None:
    with pytest.raises(SettingsError, match="AUTH_ISSUER, SERVICE_JWKS_URL"):
        things.make_service("postgresql://x@127.0.0.1:1/x", keys, auth_issuer="", service_jwks_url="")
    with pytest.raises(SettingsError, match="AUTH_ROLE_MAPPING"):
        things.make_service("postgresql://x@127.0.0.1:1/x", keys, auth_role_mapping="Sales=rep")


def test_the_list_of_routes_says_who_may_call(service: Service) -> None:
    lines = access_of(service)

    roles = frozenset({Role.REP, Role.SALES_MANAGER})
    assert RouteAccess("POST", "/v1/things", roles, (), ("things:write",)) in lines
    assert RouteAccess("POST", "/v1/closed", frozenset(), ("sales",), ("things:write",)) in lines
    assert any(line.path == "/livez" and line.public for line in lines)


@pytest.mark.parametrize(
    ("access", "caller", "passes"),
    [
        (allow(Role.REP), Caller("person", "a", frozenset({Role.REP})), True),
        (allow(Role.REP), Caller("person", "a", frozenset({Role.ADMIN})), False),
        (allow(Role.REP), Caller("server", "k", scopes=frozenset({"rep"})), False),
        (allow(servers="a:b"), Caller("server", "k", scopes=frozenset({"a:b"})), True),
        (allow(servers="a:b"), Caller("server", "k", scopes=frozenset({"a:c"})), False),
        (allow(services=("sales",)), Caller("service", "sales"), True),
        (allow(services=("sales",)), Caller("service", "handoff"), False),
        (allow(services=("sales",)), Caller("person", "sales", frozenset(Role)), False),
        (public("why"), Caller("form", "pk"), True),
    ],
)
def test_a_marker_lets_in_whom_it_names_and_nobody_else(access: Access, caller: Caller, passes: bool) -> None:
    if passes:
        access.check(caller)
    else:
        with pytest.raises(ForbiddenError):
            access.check(caller)
