"""Who may read reports: each over the deals that they may read."""

from services.sales.selling import access as selling
from shared.auth.access import Resource

REPORTS = Resource("reports", read=selling.DEALS.read)
