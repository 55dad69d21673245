"""`/v1/campaigns/{id}/spend`: what campaigns cost, by day."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response

from services.marketing.acquisition.access import SPEND
from services.marketing.acquisition.campaigns import queries as campaigns
from services.marketing.acquisition.spend import queries, use_cases
from services.marketing.acquisition.spend.schemas import SpendForm, SpendView
from services.marketing.acquisition.spend.tables import CampaignSpend
from shared import clock
from shared.auth.access import Caller
from shared.errors import NotFoundError
from shared.http.etags import etag
from shared.http.paging import Order, Page, Paging
from shared.http.schemas import Amount
from shared.http.service import Transaction, router

spend = router("/v1/campaigns/{campaign_id}/spend", tags=["spend"])
Readers = Annotated[Caller, Depends(SPEND.read)]
Writers = Annotated[Caller, Depends(SPEND.change)]
BY_DAY = Order(CampaignSpend.day)


@spend.get("")
async def list_spend(
    campaign_id: UUID,
    session: Transaction,
    paging: Paging,
    _: Readers,
    start: Annotated[date | None, Query(alias="from", description="First day.")] = None,
    end: Annotated[date | None, Query(alias="to", description="The day after the last.")] = None,
) -> Page[SpendView]:
    """A campaign's spend, impressions and clicks, day by day."""
    if await campaigns.campaign_by_id(session, campaign_id) is None:
        raise NotFoundError(f"No campaign {campaign_id}.")
    query = BY_DAY.page(queries.spend_of(campaign_id, start, end), paging)
    return BY_DAY.show(await queries.rows(session, query), paging, _view)


@spend.put("/{day}")
async def put_spend(
    campaign_id: UUID, day: date, form: SpendForm, session: Transaction, response: Response, _: Writers
) -> SpendView:
    """Set a day's figures, in any currency. A later figure for the same day replaces the earlier one."""
    row = await use_cases.put_day(session, campaign_id, day, form, now=clock.now())
    response.headers["ETag"] = etag(row.version)
    return _view(row)


def _view(row: CampaignSpend) -> SpendView:
    return SpendView(
        day=row.day,
        amount=Amount.of(row.amount_minor, row.currency),
        impressions=row.impressions,
        clicks=row.clicks,
        version=row.version,
        recorded_at=row.recorded_at,
    )
