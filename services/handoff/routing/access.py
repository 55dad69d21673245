"""Who may read and change where leads go, and see whether turns were fair."""

from shared.auth.access import Resource, Role, Rows, allow

ROUTING_RULES = Resource(
    "routing rules",
    read=allow(Role.ADMIN, Role.SALES_MANAGER, Role.MARKETER, Role.ANALYST, servers="routing:read"),
    change=allow(Role.ADMIN),
)
FAIRNESS = Resource(
    "fairness",
    read=allow(Role.ADMIN, Role.ANALYST, rows={Role.SALES_MANAGER: Rows.MANAGED}, servers="reports:read"),
)
