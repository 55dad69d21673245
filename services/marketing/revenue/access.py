"""Who may read what was earned by what, and say how it is shared out."""

from shared.auth.access import Resource, Role, allow

READERS = (Role.ADMIN, Role.MARKETER, Role.ANALYST, Role.SALES_MANAGER, Role.FINANCE)

ATTRIBUTION = Resource(
    "attribution",
    read=allow(*READERS, servers="reports:read"),
    change=allow(Role.ADMIN, Role.MARKETER),
)
REPORTS = Resource("reports", read=allow(*READERS, servers="reports:read"))
