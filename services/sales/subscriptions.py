"""Everything sales listens to. One line per event: this file is the map."""

from services.sales.reference.rates.use_cases import tell_rates
from services.sales.reference.reps.handlers import copy_reps, forget_reps
from services.sales.selling.closing.handlers import disqualify_deals
from services.sales.work.withdrawals.handlers import (
    forget_acceptances,
    forget_leads,
    note_resubmissions,
    open_deals,
    withdraw_deals,
)
from shared.events.handoff import LeadAccepted, LeadReturned, RepChanged
from shared.events.marketing import LeadResubmitted, LeadWithdrawn
from shared.messaging.subscriptions import Subscriptions

subscriptions = Subscriptions(group="sales")
subscriptions.on(RepChanged, copy_reps)
subscriptions.on(LeadAccepted, open_deals)
subscriptions.on(LeadReturned, disqualify_deals)
subscriptions.on(LeadWithdrawn, withdraw_deals)
subscriptions.on(LeadResubmitted, note_resubmissions)

subscriptions.forgets("handoff.assignments", forget_acceptances)
subscriptions.forgets("handoff.reps", forget_reps)
subscriptions.forgets("marketing.leads", forget_leads)
subscriptions.tells("sales.rates", tell_rates)
