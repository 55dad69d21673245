"""Who may read and change what is done: who may read and change its deal, and whose it is to do."""

from services.sales.selling import access as selling
from shared.auth.access import Resource, Role, allow

ACTIVITIES = Resource(
    "activities",
    read=selling.DEALS.read,
    change=allow(Role.ADMIN, rows=selling.SELLERS, servers="activities:write"),
)
