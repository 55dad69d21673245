"""What came before a rep meets a person: what they wrote, what brought them, and who else of us is at it.

One shape for the service that knows it and for those that show it.
"""

from collections.abc import Mapping
from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Enquiry(_Part):
    """One thing they sent: through which form, from which page and campaign, and what it says."""

    submission_id: UUID
    received_at: AwareDatetime
    source: str = Field(description="The door it came through: web_form, google_ads, meta, api.")
    form: str | None = Field(None, description="Name of the form or connection.")
    campaign_id: UUID | None = None
    campaign: str | None = Field(None, description="Name of the campaign.")
    page: str | None = Field(None, description="Host and path of the page it was sent from.")
    hand_raiser: bool = Field(default=False, description="They asked to be contacted.")
    wrote: Mapping[str, str] = Field(
        default_factory=dict, description="Message and answers, by the form's field."
    )


class ScoreReason(_Part):
    """A rule of the scoring model that matched; `points` before the group's cap."""

    code: str
    points: int | None = None


class LeadScore(_Part):
    """Why the person is a lead: the score, its two halves and the rules behind it."""

    total: int
    fit: int
    engagement: int
    model: int = Field(description="Version of the scoring model.")
    reasons: tuple[ScoreReason, ...] = ()


class MetBefore(_Part):
    """A meeting with something of ours that was no enquiry: a visit, a click, an event."""

    occurred_at: AwareDatetime
    kind: str
    channel: str
    campaign_id: UUID | None = None
    campaign: str | None = None
    page: str | None = Field(None, description="Path of the page they came to.")


class DealBeside(_Part):
    """A deal with the person or with their company, and who has it. Never what it is worth."""

    deal_id: UUID
    of: Literal["person", "company"]
    state: str = Field(description="open, won, lost or disqualified.")
    stage: str | None = None
    rep_id: UUID | None = None
    rep_name: str | None = None
    opened_at: AwareDatetime | None = None
    closed_at: AwareDatetime | None = None


class Background(_Part):
    """What came before, each list the latest first: 10 enquiries, 20 touches and 20 deals at most."""

    enquiries: tuple[Enquiry, ...] = ()
    score: LeadScore | None = None
    touches: tuple[MetBefore, ...] = ()
    touches_in_all: int = Field(default=0, description="How often they met something of ours, ever.")
    deals: tuple[DealBeside, ...] = ()
