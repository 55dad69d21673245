"""`/v1/channels` and `/v1/campaigns`."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from services.marketing.acquisition.access import CAMPAIGNS
from services.marketing.acquisition.campaigns import queries, use_cases
from services.marketing.acquisition.campaigns.schemas import (
    CampaignChange,
    CampaignForm,
    CampaignView,
    ChannelChange,
    ChannelForm,
    ChannelView,
)
from services.marketing.acquisition.campaigns.tables import Campaign
from shared.auth.access import Caller
from shared.errors import NotFoundError
from shared.events.envelope import Code
from shared.http.etags import IfMatchDemanded, etag
from shared.http.paging import Order, Page, Paging
from shared.http.schemas import Amount
from shared.http.service import Transaction, router
from shared.settings import CommonSettings

channels = router("/v1/channels", tags=["campaigns"])
campaigns = router("/v1/campaigns", tags=["campaigns"])
Readers = Annotated[Caller, Depends(CAMPAIGNS.read)]
Writers = Annotated[Caller, Depends(CAMPAIGNS.change)]
NEWEST = Order(Campaign.created_at, Campaign.id, descending=True)


@channels.get("")
async def list_channels(session: Transaction, _: Readers) -> list[ChannelView]:
    """Every channel, by key."""
    return [ChannelView.model_validate(channel) for channel in await queries.channels(session)]


@channels.get("/{key}")
async def show_channel(key: Code, session: Transaction, response: Response, _: Readers) -> ChannelView:
    """One channel; its ETag is what a change sends back as If-Match."""
    channel = await queries.channel_by_key(session, key)
    if channel is None:
        raise NotFoundError(f"No channel {key}.")
    response.headers["ETag"] = etag(channel.version)
    return ChannelView.model_validate(channel)


@channels.post("", status_code=201)
async def add_channel(form: ChannelForm, session: Transaction, response: Response, _: Writers) -> ChannelView:
    """Add a channel."""
    channel = await use_cases.add_channel(session, form)
    response.headers["ETag"] = etag(channel.version)
    return ChannelView.model_validate(channel)


@channels.patch("/{key}")
async def change_channel(
    key: Code,
    change: ChannelChange,
    session: Transaction,
    response: Response,
    if_match: IfMatchDemanded,
    _: Writers,
) -> ChannelView:
    """Rename a channel, or say whether it is paid."""
    channel = await use_cases.change_channel(session, key, change, if_match=if_match)
    response.headers["ETag"] = etag(channel.version)
    return ChannelView.model_validate(channel)


@campaigns.get("")
async def list_campaigns(
    session: Transaction,
    paging: Paging,
    _: Readers,
    channel: Annotated[Code | None, Query(description="Only this channel's.")] = None,
) -> Page[CampaignView]:
    """The campaigns, newest first."""
    rows = (await session.scalars(NEWEST.page(queries.campaigns(channel), paging))).all()
    external_ids = await queries.external_ids(session, [campaign.id for campaign in rows])
    return NEWEST.show(rows, paging, lambda campaign: _view(campaign, external_ids.get(campaign.id, {})))


@campaigns.get("/{campaign_id}")
async def show_campaign(
    campaign_id: UUID, session: Transaction, response: Response, _: Readers
) -> CampaignView:
    """One campaign; its ETag is what a change sends back as If-Match."""
    campaign = await queries.campaign_by_id(session, campaign_id)
    if campaign is None:
        raise NotFoundError(f"No campaign {campaign_id}.")
    return await _show(session, campaign, response)


@campaigns.post("", status_code=201)
async def add_campaign(
    form: CampaignForm, session: Transaction, request: Request, response: Response, _: Writers
) -> CampaignView:
    """Add a campaign. Its channel has to exist."""
    settings: CommonSettings = request.app.state.settings
    campaign = await use_cases.add_campaign(session, form, currency=settings.reporting_currency)
    return await _show(session, campaign, response)


@campaigns.patch("/{campaign_id}")
async def change_campaign(
    campaign_id: UUID,
    change: CampaignChange,
    session: Transaction,
    response: Response,
    if_match: IfMatchDemanded,
    _: Writers,
) -> CampaignView:
    """Change a campaign. What is credited to it already stays credited."""
    campaign = await use_cases.change_campaign(session, campaign_id, change, if_match=if_match)
    return await _show(session, campaign, response)


async def _show(session: AsyncSession, campaign: Campaign, response: Response) -> CampaignView:
    response.headers["ETag"] = etag(campaign.version)
    external_ids = await queries.external_ids(session, [campaign.id])
    return _view(campaign, external_ids.get(campaign.id, {}))


def _view(campaign: Campaign, external_ids: dict[str, list[str]]) -> CampaignView:
    budget = campaign.budget_minor
    return CampaignView(
        id=campaign.id,
        name=campaign.name,
        channel=campaign.channel,
        utm_campaign=campaign.utm_campaign,
        external_ids=external_ids,
        budget=Amount.of(budget, campaign.currency) if budget is not None else None,
        currency=campaign.currency,
        starts_on=campaign.starts_on,
        ends_on=campaign.ends_on,
        version=campaign.version,
        created_at=campaign.created_at,
    )
