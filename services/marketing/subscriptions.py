"""Everything marketing listens to. One line per event: this file is the map."""

from services.marketing.acquisition.spend.handlers import forget_rates, keep_rates
from services.marketing.funnel.deals.handlers import (
    note_moved_deals,
    note_new_owners,
    note_opened_deals,
    note_people,
)
from services.marketing.funnel.lifecycle.handlers import (
    forget_assignments,
    note_acceptances,
    note_owners,
    recycle_leads,
)
from services.marketing.people.holds.handlers import (
    copy_holders,
    end_declined,
    end_expired,
    forget_holders,
)
from services.marketing.revenue.attribution.forgetting import forget_deals
from services.marketing.revenue.attribution.handlers import credit_amended_deals, credit_closed_deals
from shared.events.handoff import (
    LeadAccepted,
    LeadAssigned,
    LeadDeclined,
    LeadReturned,
    OfferExpired,
    RepChanged,
)
from shared.events.sales import (
    DealAmended,
    DealClosed,
    DealContactsChanged,
    DealOpened,
    DealOwnerChanged,
    DealStageChanged,
    ExchangeRateSet,
)
from shared.messaging.subscriptions import Subscriptions

subscriptions = Subscriptions(group="marketing")

subscriptions.on(LeadAssigned, note_owners)
subscriptions.on(LeadAccepted, note_acceptances)
subscriptions.on(LeadDeclined, end_declined)
subscriptions.on(OfferExpired, end_expired)
subscriptions.on(LeadReturned, recycle_leads)
subscriptions.on(RepChanged, copy_holders)

subscriptions.on(DealOpened, note_opened_deals)
subscriptions.on(DealStageChanged, note_moved_deals)
subscriptions.on(DealOwnerChanged, note_new_owners)
subscriptions.on(DealContactsChanged, note_people)
subscriptions.on(DealClosed, credit_closed_deals)
subscriptions.on(DealAmended, credit_amended_deals)

subscriptions.on(ExchangeRateSet, keep_rates)

subscriptions.forgets("handoff.assignments", forget_assignments)
subscriptions.forgets("handoff.reps", forget_holders)
subscriptions.forgets("sales.deals", forget_deals)
subscriptions.forgets("sales.rates", forget_rates)
