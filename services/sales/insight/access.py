"""Who may read reports: each over the deals that they may read."""

from services.sales.selling.access import DEALS
from shared.auth.access import Resource

REPORTS = Resource("reports", read=DEALS.read)
