"""Who may read reports: each over the deals that they may read."""

from dataclasses import replace

from services.sales.selling import access as selling
from shared.auth.access import Resource

REPORTS = Resource("reports", read=replace(selling.DEALS.read, servers="reports:read"))
