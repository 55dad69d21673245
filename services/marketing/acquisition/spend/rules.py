"""A day of spend as reports see it."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID


@dataclass(frozen=True, slots=True)
class SpendDay:
    """A campaign's day with the dated rate into the asked currency, None when there is none.

    Days in the asked currency itself come as one for their month, or for all of a period: nothing is rounded
    there.
    """

    campaign_id: UUID
    channel: str
    day: date
    amount_minor: int
    currency: str
    impressions: int
    clicks: int
    rate: Decimal | None
