"""Who may read and change what is done: who may read and change its deal, and whose it is to do."""

from dataclasses import replace

from services.sales.selling import access as selling
from shared.auth.access import Resource, Role, allow

ACTIVITIES = Resource(
    "activities",
    read=selling.DEALS.read,
    change=allow(Role.ADMIN, rows=selling.SELLERS, servers="activities:write"),
)
# Figures of them, which programs read, too.
DEMO_FIGURES = Resource("demo figures", read=replace(ACTIVITIES.read, servers="reports:read"))
