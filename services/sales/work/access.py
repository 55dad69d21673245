"""Who may read and change what is done about a deal: who may read and change the deal."""

from services.sales.selling import access as selling
from shared.auth.access import Resource

ACTIVITIES = Resource("activities", read=selling.DEALS.read, change=selling.DEALS.change)
