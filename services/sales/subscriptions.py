"""Everything sales listens to. One line per event: this file is the map."""

from services.sales.reference.reps.handlers import copy_reps
from services.sales.selling.closing.handlers import disqualify_deals
from services.sales.selling.deals.handlers import open_deals
from shared.events.handoff import LeadAccepted, LeadReturned, RepChanged
from shared.messaging.subscriptions import Subscriptions

subscriptions = Subscriptions(group="sales")
subscriptions.on(RepChanged, copy_reps)
subscriptions.on(LeadAccepted, open_deals)
subscriptions.on(LeadReturned, disqualify_deals)
