"""The set-based write of deals that begin with an accepted lead."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.sales.selling.deals.tables import Deal
from shared.database import bulk
from shared.events.handoff import LeadAccepted


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDeal:
    """A deal as it begins."""

    id: UUID
    lead_id: UUID
    cycle: int
    contact_ids: tuple[UUID, ...]
    company_id: UUID | None
    company_name: str | None
    country: str | None
    source: str
    campaign_id: UUID | None
    rep_id: UUID
    team_id: UUID
    sourced_by: UUID
    opened_at: datetime
    stage_since: datetime


OPEN = bulk.insert(
    Deal,
    NewDeal,
    constants=("origin", "pipeline_id", "stage", "currency"),
    on_conflict=bulk.keep("lead_id", "cycle"),
    returning=("id",),
)


def row_of(deal_id: UUID, event: LeadAccepted) -> NewDeal:
    return NewDeal(
        id=deal_id,
        lead_id=event.lead_id,
        cycle=event.cycle,
        contact_ids=(event.contact_id,),
        company_id=event.company_id,
        company_name=event.company_name,
        country=event.country,
        source=event.source,
        campaign_id=event.campaign_id,
        rep_id=event.rep_id,
        team_id=event.team_id,
        sourced_by=event.rep_id,
        opened_at=event.accepted_at,
        stage_since=event.accepted_at,
    )
