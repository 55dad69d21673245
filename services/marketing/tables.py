"""Every table of marketing in one metadata, for migrations."""

from services.marketing.acquisition.campaigns import tables as _campaigns
from services.marketing.acquisition.spend import tables as _spend
from services.marketing.base import Base
from services.marketing.capture.deliveries import tables as _deliveries
from services.marketing.capture.sources import tables as _sources
from services.marketing.capture.submissions import tables as _submissions
from services.marketing.funnel.deals import tables as _deals
from services.marketing.funnel.leads import tables as _leads
from services.marketing.funnel.lifecycle import tables as _lifecycle
from services.marketing.funnel.scoring import tables as _scoring
from services.marketing.people.consents import tables as _consents
from services.marketing.people.contacts import tables as _contacts
from services.marketing.people.holds import tables as _holds
from services.marketing.people.touches import tables as _touches
from services.marketing.revenue.attribution import tables as _attribution

SLICES = (
    _attribution,
    _campaigns,
    _consents,
    _contacts,
    _deals,
    _deliveries,
    _holds,
    _leads,
    _lifecycle,
    _scoring,
    _sources,
    _spend,
    _submissions,
    _touches,
)
metadata = Base.metadata
