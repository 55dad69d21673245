"""Everything handoff listens to. One line per event: this file is the map."""

from services.handoff.handshake.deals.handlers import follow_deals
from services.handoff.routing.allocation.handlers import offer_leads
from shared.events.marketing import LeadQualified
from shared.events.sales import DealAmended, DealClosed
from shared.messaging.subscriptions import Subscriptions

subscriptions = Subscriptions(group="handoff")
subscriptions.on(LeadQualified, offer_leads)
subscriptions.on(DealClosed, follow_deals)
subscriptions.on(DealAmended, follow_deals)
