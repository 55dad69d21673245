"""Facts published by handoff. Any service may read this file; only handoff raises these."""

from typing import ClassVar
from uuid import UUID

from pydantic import AwareDatetime, Field

from shared.events.envelope import Code, Event, LeadFact


class LeadAssigned(LeadFact):
    """A lead was offered to one rep, who has until `answer_by` to accept it."""

    type: ClassVar[str] = "leadloop.handoff.lead_assigned.v1"
    topic: ClassVar[str] = "handoff.assignments"

    hop: int = Field(ge=1, description="Counts the offers within the cycle.")
    contact_id: UUID
    rep_id: UUID
    team_id: UUID
    rule_id: UUID | None = None
    assigned_at: AwareDatetime
    answer_by: AwareDatetime


class LeadAccepted(LeadFact):
    """The rep took the lead (SAL). Carries what sales needs to open the deal."""

    type: ClassVar[str] = "leadloop.handoff.lead_accepted.v1"
    topic: ClassVar[str] = "handoff.assignments"

    hop: int = Field(ge=1)
    contact_id: UUID
    rep_id: UUID
    team_id: UUID
    qualified_at: AwareDatetime
    assigned_at: AwareDatetime
    accepted_at: AwareDatetime
    source: Code
    campaign_id: UUID | None = None
    score: int
    country: str | None = None
    company_id: UUID | None = None
    company_name: str | None = None
    company_domain: str | None = None
    company_size: int | None = None
    industry: Code | None = None


class LeadDeclined(LeadFact):
    """The rep said no, with a reason; the lead moves on."""

    type: ClassVar[str] = "leadloop.handoff.lead_declined.v1"
    topic: ClassVar[str] = "handoff.assignments"

    hop: int = Field(ge=1)
    rep_id: UUID
    reason: Code
    declined_at: AwareDatetime


class OfferExpired(LeadFact):
    """The rep did not answer in time; the lead moves on."""

    type: ClassVar[str] = "leadloop.handoff.offer_expired.v1"
    topic: ClassVar[str] = "handoff.assignments"

    hop: int = Field(ge=1)
    rep_id: UUID
    expired_at: AwareDatetime


class LeadReturned(LeadFact):
    """Nobody works this lead any more; it goes back to marketing, which ends the cycle."""

    type: ClassVar[str] = "leadloop.handoff.lead_returned.v1"
    topic: ClassVar[str] = "handoff.assignments"

    rep_id: UUID | None = Field(default=None, description="Who gave it back; None when nobody would take it.")
    reason: Code
    after_acceptance: bool = Field(description="True when a deal may exist, which is then disqualified.")
    returned_at: AwareDatetime


class FirstResponseMade(LeadFact):
    """A person reached out to the lead for the first time in this cycle."""

    type: ClassVar[str] = "leadloop.handoff.first_response_made.v1"
    topic: ClassVar[str] = "handoff.assignments"

    rep_id: UUID
    channel: Code = Field(description="call, email, meeting, message.")
    responded_at: AwareDatetime


class RepChanged(Event):
    """A rep as it is now. Reps are staff: this event carries their display name."""

    type: ClassVar[str] = "leadloop.handoff.rep_changed.v1"
    topic: ClassVar[str] = "handoff.reps"

    rep_id: UUID
    subject: str = Field(description="The subject of the rep's access tokens.")
    display_name: str
    team_id: UUID
    team_name: str
    manager_subject: str | None = Field(default=None, description="Subject of the team's manager.")
    active: bool
    changed_at: AwareDatetime

    @property
    def key(self) -> str:
        return str(self.rep_id)
