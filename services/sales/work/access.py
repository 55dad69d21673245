"""Who may read and change what is done about a deal: who may read and change the deal."""

from services.sales.selling.access import DEALS
from shared.auth.access import Resource

ACTIVITIES = Resource("activities", read=DEALS.read, change=DEALS.change)
