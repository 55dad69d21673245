"""Every table of marketing in one metadata, for migrations."""

from services.marketing.attribution import tables as _attribution
from services.marketing.base import Base
from services.marketing.campaigns import tables as _campaigns
from services.marketing.capture import tables as _capture
from services.marketing.contacts import tables as _contacts
from services.marketing.deals import tables as _deals
from services.marketing.leads import tables as _leads
from services.marketing.lifecycle import tables as _lifecycle
from services.marketing.scoring import tables as _scoring
from services.marketing.sources import tables as _sources
from services.marketing.spend import tables as _spend
from services.marketing.touches import tables as _touches

SLICES = (
    _attribution,
    _campaigns,
    _capture,
    _contacts,
    _deals,
    _leads,
    _lifecycle,
    _scoring,
    _sources,
    _spend,
    _touches,
)
metadata = Base.metadata
