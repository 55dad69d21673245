"""`/v1/deals/{id}/attribution`: which touches a deal's money is credited to, and by which rule."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response
from sqlalchemy.ext.asyncio import AsyncSession

from services.marketing.acquisition.campaigns import queries as campaigns
from services.marketing.funnel.deals import queries as deals
from services.marketing.people.touches import queries as touches
from services.marketing.revenue.access import ATTRIBUTION
from services.marketing.revenue.attribution import queries, use_cases
from services.marketing.revenue.attribution.queries import Booked
from services.marketing.revenue.attribution.rules import MODELS, ONE_DEAL, CreditTarget, Worth
from services.marketing.revenue.attribution.schemas import (
    CreditView,
    DealAttribution,
    ModelName,
    RevisionView,
    RuleForm,
    RuleView,
)
from services.marketing.revenue.attribution.tables import AttributionRule, CreditSet
from shared import clock
from shared.auth.access import Caller
from shared.errors import NotFoundError
from shared.http.etags import IfMatchDemanded, etag
from shared.http.schemas import Amount
from shared.http.service import Transaction, router

attribution = router("/v1/deals", tags=["attribution"])
rule = router("/v1/attribution-rule", tags=["attribution"])
Readers = Annotated[Caller, Depends(ATTRIBUTION.read)]
Writers = Annotated[Caller, Depends(ATTRIBUTION.change)]


@attribution.get("/{deal_id}/attribution")
async def show_attribution(
    deal_id: UUID,
    session: Transaction,
    _: Readers,
    model: Annotated[ModelName, Query(description="How the deal is split.")] = "linear",
) -> DealAttribution:
    """One deal's credits, touch by touch, as they stand now, and every revision that led there."""
    deal = await deals.deal_by_id(session, deal_id)
    if deal is None:
        raise NotFoundError(f"No deal {deal_id}.")
    booked = (await queries.booked(session, [deal_id])).get(deal_id, Booked())
    credits = await _credits(session, booked, model)
    currency, reporting = deal.currency, deal.reporting_currency
    return DealAttribution(
        deal_id=deal_id,
        lead_id=deal.lead_id,
        model=model,
        outcome=deal.outcome,
        closed_on=deal.closed_on,
        amount=Amount.of(sum(credit.amount.minor for credit in credits), currency),
        reporting_amount=Amount.of(sum(c.reporting_amount.minor for c in credits), reporting)
        if reporting
        else None,
        credits=credits,
        revisions=[_revision(each) for each in await queries.credit_sets(session, deal_id)],
    )


async def _credits(session: AsyncSession, booked: Booked, model: ModelName) -> list[CreditView]:
    """The credits that are not nothing, and the touches of the journey that got nothing under this model."""
    number = list(MODELS).index(model)
    credited = [
        (spot, Worth(*(part[number] for part in shares)))
        for spot, shares in booked.shares.items()
        if not shares.is_zero
    ]
    met = await touches.touches_by_id(session, [spot.touch_id for spot, _ in credited if spot.touch_id])
    names = await campaigns.campaign_names(session, {s.campaign_id for s, _ in credited if s.campaign_id})

    def view(spot: CreditTarget, worth: Worth) -> CreditView:
        touch = met.get(spot.touch_id) if spot.touch_id else None
        return CreditView(
            bucket=spot.bucket,
            touch_id=spot.touch_id,
            occurred_at=touch.occurred_at if touch else None,
            kind=touch.kind if touch else None,
            channel=spot.channel,
            campaign_id=spot.campaign_id,
            campaign=names[spot.campaign_id][0] if spot.campaign_id in names else None,
            share=worth.deals_ppm / ONE_DEAL,
            amount=Amount.of(worth.amount, booked.currencies[0]),
            reporting_amount=Amount.of(worth.reporting, booked.currencies[1]),
        )

    return [view(spot, worth) for spot, worth in credited]


def _revision(row: CreditSet) -> RevisionView:
    return RevisionView(
        revision=row.revision,
        cause=row.cause,
        closed_on=row.closed_on,
        recorded_at=row.recorded_at,
        change=Amount.of(row.amount_delta, row.currency),
        reporting_change=Amount.of(row.reporting_delta, row.reporting_currency),
    )


@rule.get("")
async def show_rule(session: Transaction, response: Response, _: Readers) -> RuleView:
    """The rule journeys are cut by; its ETag is what a change sends back as If-Match."""
    current = await queries.current_rule(session)
    if current is None:
        raise NotFoundError("There is no rule yet. Put one here.")
    return _rule(current, response)


@rule.put("")
async def put_rule(
    form: RuleForm, session: Transaction, response: Response, if_match: IfMatchDemanded, caller: Writers
) -> RuleView:
    """Set how far back a journey may begin, for closes from now on. Closed deals keep theirs."""
    new = await use_cases.put_rule(
        session, form.lookback_days, by=caller.subject, if_match=if_match, now=clock.now()
    )
    return _rule(new, response)


def _rule(row: AttributionRule, response: Response) -> RuleView:
    response.headers["ETag"] = etag(row.version)
    return RuleView(
        version=row.version,
        lookback_days=row.lookback_days,
        created_by=row.created_by,
        active_from=row.active_from,
        models=list(MODELS),
    )
