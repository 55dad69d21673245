"""Who may call what, of all three services: the tables of their own access tests, put together."""

from dataclasses import dataclass

from tests.handoff import test_access as handoff
from tests.marketing import test_access as marketing
from tests.sales import route_table as sales

# Open to everybody: health, and the doors that tell by themselves who sends.
PUBLIC = {
    "GET /livez",
    "GET /readyz",
    "GET /metrics",
    "POST /v1/forms/{form_key}/submissions",
    "OPTIONS /v1/forms/{form_key}/submissions",
    "GET /v1/forms/{form_key}/page",
    "GET /v1/embed/{name}",
    "GET /v1/calendar/{token}.ics",
    "GET /v1/forms/{form_key}/thanks",
    "POST /v1/webhooks/generic/{connection_key}",
    "POST /v1/webhooks/google-ads/{connection_key}",
    "GET /v1/webhooks/linkedin/{connection_key}",
    "POST /v1/webhooks/linkedin/{connection_key}",
    "GET /v1/webhooks/meta/{connection_key}",
    "POST /v1/webhooks/meta/{connection_key}",
    "POST /v1/webhooks/tiktok/{connection_key}",
}
OF_EVERY_SERVICE = {
    "GET /v1/api-keys": {"admin"},
    "POST /v1/api-keys": {"admin"},
    "DELETE /v1/api-keys/{key_id}": {"admin"},
    "GET /v1/audit-events": {"admin"},
}
MARKETING: dict[str, set[str]] = {**marketing.MAY, **{route: set() for route in marketing.SERVICES}}
ROLES: dict[str, dict[str, set[str]]] = {
    name: {**table, **OF_EVERY_SERVICE}
    for name, table in (("marketing", MARKETING), ("handoff", handoff.ALLOWED), ("sales", sales.MAY))
}
SCOPES = {"marketing": marketing.SCOPES, "handoff": handoff.SCOPES, "sales": sales.SCOPES}
# What is somebody's own: routes with one of these in their path show and change nothing foreign.
# Marketing's reports know no owners: whoever may read one, reads it for the whole organisation.
OWNED = {
    "handoff": ("{assignment_id}",),
    # A hand-over has two sides and a feed is gone once: tests/sales/work tries both with foreign ones.
    "sales": ("{deal_id}", "{activity_id}"),
    "marketing": (),
}


@dataclass(frozen=True, slots=True)
class Allowed:
    """Whom one route lets in, besides whom everybody lets in."""

    roles: frozenset[str]
    scope: str | None
    services: frozenset[str]


def allowed(service: str, route: str) -> Allowed | None:
    """Whom the tables let in; None for a route that no table knows."""
    roles = ROLES[service].get(route)
    if roles is None:
        return None
    services = marketing.SERVICES.get(route, ()) if service == "marketing" else ()
    return Allowed(frozenset(roles), SCOPES[service].get(route), frozenset(services))
