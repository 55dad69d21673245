"""`/v1/leads`: who is on the way, how far, and why."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from services.marketing.funnel.access import LEADS
from services.marketing.funnel.deals import queries as deals
from services.marketing.funnel.deals.tables import Deal
from services.marketing.funnel.leads import queries
from services.marketing.funnel.leads.queries import OwnedLead
from services.marketing.funnel.leads.schemas import (
    LeadDealView,
    LeadDetail,
    LeadView,
    ReasonView,
    ScoreView,
    StepView,
)
from services.marketing.funnel.leads.tables import Lead
from services.marketing.funnel.lifecycle import queries as lifecycle
from services.marketing.funnel.lifecycle.rules import Stage, history
from services.marketing.funnel.scoring import queries as scoring
from shared.auth.access import Caller
from shared.errors import NotFoundError
from shared.http.paging import Order, Page, Paging
from shared.http.schemas import Amount
from shared.http.service import Transaction, router

leads = router("/v1/leads", tags=["leads"])
Readers = Annotated[Caller, Depends(LEADS.read)]
NEWEST = Order(Lead.id, descending=True)
Points = dict[tuple[int, str], int]


@leads.get("")
async def list_leads(
    session: Transaction,
    paging: Paging,
    _: Readers,
    stage: Annotated[Stage | None, Query(description="Only leads in this stage.")] = None,
    owner: Annotated[UUID | None, Query(description="Only this rep's.")] = None,
    campaign_id: Annotated[UUID | None, Query(description="Only leads this campaign brought.")] = None,
) -> Page[LeadView]:
    """The leads, newest first, each in its current cycle."""
    query = queries.leads_in_cycle(stage=stage, owner=owner, campaign_id=campaign_id)
    rows = await queries.owned(session, NEWEST.page(query, paging))
    points = await scoring.points(session, [row.lead.scoring_model for row in rows])
    return NEWEST.show(rows, paging, lambda row: _view(row, points), key=lambda row: (row.lead.id,))


@leads.get("/{lead_id}")
async def show_lead(lead_id: UUID, session: Transaction, _: Readers) -> LeadDetail:
    """One lead: its score with the reasons, every step of its lifecycle, its owner and its deal."""
    found = await queries.lead_by_id(session, lead_id)
    if found is None:
        raise NotFoundError(f"No lead {lead_id}.")
    lead = found.lead
    points = await scoring.points(session, [lead.scoring_model])
    deal = await deals.deal_of_cycle(session, lead.id, lead.cycle)
    return LeadDetail(
        **_view(found, points).model_dump(),
        lifecycle=[
            StepView(
                cycle=step.cycle,
                from_stage=before,
                to_stage=step.stage,
                at=step.at,
                recorded_at=step.recorded_at,
                reason=step.reason,
            )
            for before, step in history(await lifecycle.steps(session, lead.id))
        ],
        deal=_deal(deal) if deal else None,
    )


def _view(owned: OwnedLead, points: Points) -> LeadView:
    lead, cycle, rep_id = owned
    return LeadView(
        id=lead.id,
        contact_id=lead.contact_id,
        cycle=lead.cycle,
        stage=cycle.stage,
        score=ScoreView(
            total=lead.score,
            fit=lead.fit,
            engagement=lead.engagement,
            model=lead.scoring_model,
            reasons=[
                ReasonView(code=code, points=points.get((lead.scoring_model, code), 0))
                for code in lead.reasons
            ],
        ),
        source=lead.source,
        channel=lead.channel,
        campaign_id=lead.campaign_id,
        owner_rep_id=rep_id,
        occurred_at=lead.occurred_at,
        recorded_at=lead.recorded_at,
    )


def _deal(deal: Deal) -> LeadDealView:
    return LeadDealView(
        id=deal.deal_id,
        stage=deal.stage,
        outcome=deal.outcome,
        amount=Amount.of(deal.amount_minor, deal.currency),
    )
