"""Everything sales listens to. One line per event: this file is the map."""

from services.sales.closing.handlers import disqualify_deals
from services.sales.deals.handlers import open_deals
from services.sales.reps.handlers import copy_reps
from shared.events.handoff import LeadAccepted, LeadReturned, RepChanged
from shared.subscriptions import Subscriptions

subscriptions = Subscriptions(group="sales")
subscriptions.on(RepChanged, copy_reps)
subscriptions.on(LeadAccepted, open_deals)
subscriptions.on(LeadReturned, disqualify_deals)
