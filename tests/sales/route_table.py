"""The roles that may call each route of sales, and the scope that opens it to a key."""

from shared.auth.access import Role

SELLERS = {"admin", "rep", "sales_manager"}
MANAGERS = {"admin", "sales_manager"}
BOOKERS = {"admin", "finance"}
READERS = SELLERS | {"finance", "analyst"}
CORRECTORS = {"admin", "finance", "sales_manager"}
EVERYBODY = {role.value for role in Role}

MAY: dict[str, set[str]] = {
    "GET /v1/activities": READERS,
    "POST /v1/activities": SELLERS,
    "GET /v1/activities/{activity_id}": READERS,
    "POST /v1/activities/{activity_id}/cancel": SELLERS,
    "GET /v1/activities/{activity_id}/demo": READERS,
    "PUT /v1/activities/{activity_id}/demo": SELLERS,
    "POST /v1/activities/{activity_id}/reopen": SELLERS,
    "PATCH /v1/activities/{activity_id}": SELLERS,
    "GET /v1/activities/{activity_id}/calendar.ics": READERS,
    "GET /v1/calendar-feeds": SELLERS,
    "POST /v1/calendar-feeds": SELLERS,
    "DELETE /v1/calendar-feeds/{feed_id}": SELLERS,
    "GET /v1/colleagues": SELLERS,
    "GET /v1/day": SELLERS,
    "GET /v1/deals": READERS,
    "POST /v1/deals": SELLERS,
    "GET /v1/deals/{deal_id}": READERS,
    "PATCH /v1/deals/{deal_id}": SELLERS,
    "GET /v1/deals/{deal_id}/activities": READERS,
    "POST /v1/deals/{deal_id}/activities": SELLERS,
    "POST /v1/deals/{deal_id}/amend": CORRECTORS,
    "GET /v1/deals/{deal_id}/changes": READERS,
    "PUT /v1/deals/{deal_id}/contacts": SELLERS,
    "POST /v1/deals/{deal_id}/hand-overs": SELLERS,
    "GET /v1/deals/{deal_id}/history": READERS,
    "POST /v1/deals/{deal_id}/lose": SELLERS,
    "POST /v1/deals/{deal_id}/owner": MANAGERS,
    "GET /v1/deals/{deal_id}/payments": READERS,
    "POST /v1/deals/{deal_id}/payments": BOOKERS,
    "POST /v1/deals/{deal_id}/payments/{payment_id}/correct": BOOKERS,
    "POST /v1/deals/{deal_id}/payments/{payment_id}/void": BOOKERS,
    "POST /v1/deals/{deal_id}/refunds": CORRECTORS,
    "POST /v1/deals/{deal_id}/reopen": CORRECTORS,
    "POST /v1/deals/{deal_id}/stage": SELLERS,
    "POST /v1/deals/{deal_id}/win": SELLERS,
    "GET /v1/exchange-rates": EVERYBODY,
    "POST /v1/exchange-rates": {"admin", "finance"},
    "GET /v1/hand-overs": SELLERS,
    "POST /v1/hand-overs/{hand_over_id}/accept": SELLERS,
    "POST /v1/hand-overs/{hand_over_id}/decline": SELLERS,
    "POST /v1/hand-overs/{hand_over_id}/withdraw": SELLERS,
    "GET /v1/lists/{list}": EVERYBODY,
    "POST /v1/lists/{list}": MANAGERS,
    "PATCH /v1/lists/{list}/{key}": MANAGERS,
    "POST /v1/owner-changes": MANAGERS,
    "GET /v1/pipelines": EVERYBODY,
    "POST /v1/pipelines": MANAGERS,
    "GET /v1/pipelines/{pipeline_id}": EVERYBODY,
    "PATCH /v1/pipelines/{pipeline_id}": MANAGERS,
    "GET /v1/reports/demos": READERS,
    "GET /v1/reports/losses": READERS,
    "GET /v1/reports/pipeline": READERS,
    "GET /v1/reports/win-rate": READERS,
}


SCOPES = {
    **{route: "deals:read" for route, roles in MAY.items() if roles == READERS},
    **{route: "deals:read" for route in MAY if route.startswith(("GET /v1/pipelines", "GET /v1/lists"))},
    **{route: "reports:read" for route in MAY if route.startswith("GET /v1/reports/")},
    **{route: "activities:write" for route in MAY if "activities" in route and MAY[route] == SELLERS},
    "GET /v1/exchange-rates": "rates:read",
    "POST /v1/exchange-rates": "rates:write",
    **{route: "payments:write" for route in MAY if route.startswith("POST") and "/payments" in route},
}
