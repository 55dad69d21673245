"""Who may read and change what brings leads, and what it costs."""

from shared.auth.access import Resource, Role, allow

READERS = (Role.ADMIN, Role.MARKETER, Role.ANALYST, Role.SALES_MANAGER, Role.FINANCE)

CAMPAIGNS = Resource(
    "channels and campaigns",
    read=allow(*READERS, servers="campaigns:read"),
    change=allow(Role.ADMIN, Role.MARKETER, servers="campaigns:write"),
)
SPEND = Resource(
    "spend",
    read=allow(*READERS, servers="spend:read"),
    change=allow(Role.ADMIN, Role.MARKETER, Role.FINANCE, servers="spend:write"),
)
