"""Who may read what is put together for one rep."""

from services.sales.selling.access import SELLERS
from shared.auth.access import Resource, Role, allow

DAYS = Resource("days", read=allow(Role.ADMIN, rows=SELLERS))
