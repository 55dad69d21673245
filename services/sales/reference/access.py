"""Who may read and change what everybody in sales refers to."""

from shared.auth.access import Resource, Role, allow

LISTS = Resource(
    "lists", read=allow(*Role, servers="deals:read"), change=allow(Role.ADMIN, Role.SALES_MANAGER)
)
RATES = Resource(
    "exchange rates",
    read=allow(*Role, servers="rates:read"),
    change=allow(Role.ADMIN, Role.FINANCE, servers="rates:write"),
)
