"""Who may read reports, each over the teams that they may read about."""

from shared.auth.access import Resource, Role, Rows, allow

SPEED_TO_LEAD = Resource(
    "speed to lead",
    read=allow(Role.ADMIN, Role.ANALYST, rows={Role.SALES_MANAGER: Rows.MANAGED}, servers="reports:read"),
)
