"""Everything handoff listens to. One line per event: this file is the map."""

from services.handoff.handshake.attempts.handlers import count_attempts, forget_attempts
from services.handoff.handshake.deals.handlers import follow_deals, forget_deals
from services.handoff.routing.allocation.handlers import offer_leads
from services.handoff.routing.allocation.withdrawals import forget_leads, withdraw_leads
from services.handoff.staff.reps.use_cases import tell_reps
from shared.events.marketing import LeadQualified, LeadWithdrawn
from shared.events.sales import ActivityLogged, DealAmended, DealClosed, DealOwnerChanged
from shared.messaging.subscriptions import Subscriptions

subscriptions = Subscriptions(group="handoff")
subscriptions.on(LeadQualified, offer_leads)
subscriptions.on(LeadWithdrawn, withdraw_leads)
subscriptions.on(DealClosed, follow_deals)
subscriptions.on(DealAmended, follow_deals)
subscriptions.on(DealOwnerChanged, follow_deals)
subscriptions.on(ActivityLogged, count_attempts)

subscriptions.forgets("marketing.leads", forget_leads)
subscriptions.forgets("sales.deals", forget_deals)
subscriptions.forgets("sales.activities", forget_attempts)
subscriptions.tells("handoff.reps", tell_reps)
