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
# A feed is its rep's to make and revoke; admins and managers revoke one that got into the wrong hands.
FEEDS = Resource(
    "calendar feeds",
    read=allow(Role.ADMIN, rows=selling.SELLERS),
    change=allow(Role.ADMIN, rows=selling.SELLERS),
)
# Whoever may do something for the rep who asked, or was asked. A manager answers for who is ill.
HAND_OVERS = Resource(
    "hand-overs",
    read=allow(Role.ADMIN, rows=selling.SELLERS),
    change=allow(Role.ADMIN, rows=selling.SELLERS),
)
