"""Who may call what of marketing. The table is the whole of it: a route that is not in it fails the test."""

from httpx import AsyncClient

from shared import clock
from shared.http.route_access import access_of
from tests.support.key_scopes import scopes_that_differ
from tests.support.keys import Keys
from tests.support.role_pairs import cells_that_differ

READERS = {"admin", "analyst", "marketer", "sales_manager"}
MONEY_READERS = READERS | {"finance"}
MARKETERS = {"admin", "marketer"}
EVERYBODY = MONEY_READERS | {"rep"}

MAY: dict[str, set[str]] = {
    "GET /v1/attribution-rule": MONEY_READERS,
    "PUT /v1/attribution-rule": MARKETERS,
    "GET /v1/campaigns": MONEY_READERS,
    "POST /v1/campaigns": MARKETERS,
    "GET /v1/campaigns/unmatched": MONEY_READERS,
    "GET /v1/campaigns/{campaign_id}": MONEY_READERS,
    "PATCH /v1/campaigns/{campaign_id}": MARKETERS,
    "GET /v1/campaigns/{campaign_id}/spend": MONEY_READERS,
    "PUT /v1/campaigns/{campaign_id}/spend/{day}": MARKETERS | {"finance"},
    "GET /v1/channels": MONEY_READERS,
    "POST /v1/channels": MARKETERS,
    "GET /v1/channels/{key}": MONEY_READERS,
    "PATCH /v1/channels/{key}": MARKETERS,
    "GET /v1/companies": READERS,
    "GET /v1/companies/{company_id}": READERS,
    "PATCH /v1/companies/{company_id}": MARKETERS | {"sales_manager"},
    "GET /v1/companies/{company_id}/history": READERS,
    "GET /v1/connection-presets": READERS,
    "GET /v1/connections": READERS,
    "POST /v1/connections": MARKETERS,
    "GET /v1/connections/{connection_id}": READERS,
    "PATCH /v1/connections/{connection_id}": MARKETERS,
    "GET /v1/contacts": READERS,
    "GET /v1/contacts/{contact_id}": READERS | {"rep"},
    "PATCH /v1/contacts/{contact_id}": MARKETERS | {"sales_manager", "rep"},
    "GET /v1/contacts/{contact_id}/history": READERS | {"rep"},
    "GET /v1/contacts/{contact_id}/timeline": READERS,
    "GET /v1/deals/{deal_id}/attribution": MONEY_READERS,
    "GET /v1/deliveries": READERS,
    "GET /v1/deliveries/{delivery_id}": {"admin"},
    "POST /v1/deliveries/{delivery_id}/replay": MARKETERS,
    "POST /v1/deliveries/{delivery_id}/set-aside": MARKETERS,
    "GET /v1/forms": READERS,
    "POST /v1/forms": MARKETERS,
    "GET /v1/forms/{form_id}": READERS,
    "PATCH /v1/forms/{form_id}": MARKETERS,
    "GET /v1/forms/{form_id}/activity": READERS,
    "GET /v1/leads": READERS,
    "POST /v1/leads": MARKETERS,
    "POST /v1/leads/batch": MARKETERS,
    "GET /v1/leads/{lead_id}": READERS,
    "POST /v1/prospects": MARKETERS | {"sales_manager", "rep"},
    "POST /v1/prospects/search": MARKETERS | {"sales_manager", "rep"},
    "GET /v1/reports/funnel": MONEY_READERS,
    "GET /v1/reports/restatements": MONEY_READERS,
    "GET /v1/reports/roi": MONEY_READERS,
    "GET /v1/scoring-model": READERS,
    "PUT /v1/scoring-model": MARKETERS,
    "GET /v1/submissions": READERS,
    "GET /v1/submissions/balance": READERS,
    "POST /v1/submissions/replay": MARKETERS,
    "POST /v1/submissions/withdraw": MARKETERS,
    "GET /v1/submissions/{submission_id}": READERS,
    "POST /v1/submissions/{submission_id}/replay": MARKETERS,
    "POST /v1/touches": MARKETERS,
    "POST /v1/touches/batch": MARKETERS,
}
# What a server's API key may do, by its scope; nothing else.
SCOPES: dict[str, str] = {
    "GET /v1/attribution-rule": "reports:read",
    "GET /v1/campaigns": "campaigns:read",
    "POST /v1/campaigns": "campaigns:write",
    "GET /v1/campaigns/unmatched": "campaigns:read",
    "GET /v1/campaigns/{campaign_id}": "campaigns:read",
    "PATCH /v1/campaigns/{campaign_id}": "campaigns:write",
    "GET /v1/campaigns/{campaign_id}/spend": "spend:read",
    "PUT /v1/campaigns/{campaign_id}/spend/{day}": "spend:write",
    "GET /v1/channels": "campaigns:read",
    "POST /v1/channels": "campaigns:write",
    "GET /v1/channels/{key}": "campaigns:read",
    "PATCH /v1/channels/{key}": "campaigns:write",
    "GET /v1/deals/{deal_id}/attribution": "reports:read",
    "GET /v1/leads": "leads:read",
    "POST /v1/leads": "leads:write",
    "POST /v1/leads/batch": "leads:write",
    "GET /v1/leads/{lead_id}": "leads:read",
    "GET /v1/reports/funnel": "reports:read",
    "GET /v1/reports/restatements": "reports:read",
    "GET /v1/reports/roi": "reports:read",
    "GET /v1/submissions": "leads:read",
    "GET /v1/submissions/{submission_id}": "leads:read",
    "POST /v1/touches": "touches:write",
    "POST /v1/touches/batch": "touches:write",
}
# What another service may do.
SERVICES: dict[str, set[str]] = {
    "POST /v1/contact-cards": {"handoff", "sales"},
    "POST /v1/contact-holds": {"sales"},
}


async def test_every_route_is_for_whom_the_tables_name(marketing: AsyncClient) -> None:
    lines = [
        line
        for line in access_of(marketing._transport.app)  # type: ignore[attr-defined]
        if line.public is None and not line.path.startswith(("/v1/api-keys", "/v1/audit-events"))
    ]

    assert {f"{line.method} {line.path}": {role.value for role in line.roles} for line in lines} == {
        **MAY,
        **{route: set() for route in SERVICES},
    }
    assert {f"{line.method} {line.path}": line.scopes[0] for line in lines if line.scopes} == SCOPES
    assert {f"{line.method} {line.path}": set(line.services) for line in lines if line.services} == SERVICES


async def test_a_key_opens_what_its_scope_says_and_nothing_else(marketing: AsyncClient, keys: Keys) -> None:
    assert await scopes_that_differ(marketing, keys, MAY, SCOPES) == []


async def test_a_rep_sees_nobody_of_marketings(marketing: AsyncClient, keys: Keys) -> None:
    """Who a lead is, a rep is told by handoff and sales, for their own leads only; here likewise."""
    for route, roles in MAY.items():
        method, path = route.split(" ")
        if path.startswith("/v1/prospects"):  # which shows whom they hold, or nobody has
            continue
        if "rep" in roles:
            path, sent = path.replace("{contact_id}", str(clock.new_id())), {"phone": None}
            headers = keys.as_("rep") | {"if-match": "*"}
            answer = await marketing.request(method, path, json=sent, headers=headers)
            assert answer.status_code == 404, route
            continue
        answer = await marketing.request(method, path, json={}, headers=keys.as_("rep"))
        assert answer.status_code == 403, route


async def test_two_roles_let_in_where_one_of_them_does(marketing: AsyncClient, keys: Keys) -> None:
    assert await cells_that_differ(marketing, keys, MAY) == []
