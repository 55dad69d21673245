"""Facts published by marketing. Any service may read this file; only marketing raises these."""

from typing import ClassVar
from uuid import UUID

from pydantic import AwareDatetime, Field

from shared.events.envelope import Code, LeadFact


class LeadQualified(LeadFact):
    """A person crossed the threshold agreed with sales, once per cycle; someone should talk to them."""

    type: ClassVar[str] = "leadloop.marketing.lead_qualified.v1"
    topic: ClassVar[str] = "marketing.leads"

    contact_id: UUID
    received_at: AwareDatetime = Field(description="Receipt of the qualifying submission; clocks start here.")
    qualified_at: AwareDatetime
    backfilled: bool = Field(default=False, description="Imported or backdated: left out of speed-to-lead.")
    route: bool = Field(
        default=False,
        description="Backfilled, and to be offered all the same, after every live lead. Others are held.",
    )
    source: Code = Field(description="The door it came through: web_form, google_ads, meta, api.")
    campaign_id: UUID | None = None
    channel: Code | None = None
    hand_raiser: bool = Field(
        default=False, description="Asked for contact, so it qualified whatever the score."
    )
    score: int
    fit: int
    engagement: int
    reasons: tuple[Code, ...] = Field(default=(), description="Codes of the scoring rules that matched.")
    scoring_model: int = Field(ge=1, description="Version of the scoring model that decided.")
    country: str | None = Field(default=None, description="ISO 3166-1 alpha-2.")
    region: str | None = None
    language: str | None = None
    time_zone: str | None = None
    company_id: UUID | None = None
    company_name: str | None = None
    company_domain: str | None = None
    company_size: int | None = Field(default=None, ge=0, description="Employees.")
    industry: Code | None = None


class LeadResubmitted(LeadFact):
    """A person whose lead is handed over writes again: whoever works on it should know at once."""

    type: ClassVar[str] = "leadloop.marketing.lead_resubmitted.v1"
    topic: ClassVar[str] = "marketing.leads"

    contact_id: UUID
    submission_id: UUID
    source: Code = Field(description="The door it came through: web_form, google_ads, meta, api.")
    form_id: UUID | None = Field(default=None, description="The form or connection it came through.")
    campaign_id: UUID | None = None
    hand_raiser: bool = Field(default=False, description="They ask to be contacted.")
    received_at: AwareDatetime


class LeadWithdrawn(LeadFact):
    """Marketing takes back a qualification it had told of: nothing that was sent stands behind it any more.

    Offers of the lead end and its turns are given back; a deal nobody has worked is disqualified.
    """

    type: ClassVar[str] = "leadloop.marketing.lead_withdrawn.v1"
    topic: ClassVar[str] = "marketing.leads"

    reason: Code = Field(description="spam, test, duplicate or mistake.")
    withdrawn_at: AwareDatetime
