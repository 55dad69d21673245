"""Adding and changing channels and campaigns."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from sqlalchemy import delete, insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.marketing.acquisition.campaigns import queries
from services.marketing.acquisition.campaigns.rules import utm_key
from services.marketing.acquisition.campaigns.schemas import (
    CampaignChange,
    CampaignForm,
    ChannelChange,
    ChannelForm,
    ExternalIds,
)
from services.marketing.acquisition.campaigns.tables import Campaign, CampaignExternalId, Channel
from shared import clock
from shared.errors import ConflictError, InvalidError, NotFoundError
from shared.http.etags import check_version

# Who wants to know that a campaign has names: what stands above and keeps touches puts itself in here.
Claim = Callable[[AsyncSession, UUID], Awaitable[None]]
CLAIMS: list[Claim] = []


async def add_channel(session: AsyncSession, form: ChannelForm) -> Channel:
    """Raises ConflictError when the key is taken."""
    if await queries.channel_by_key(session, form.key) is not None:
        raise ConflictError(f"The channel {form.key} exists already; a new one needs another key.")
    channel = Channel(key=form.key, name=form.name, paid=form.paid, version=1)
    session.add(channel)
    await session.flush()
    await session.refresh(channel)
    return channel


async def change_channel(
    session: AsyncSession, key: str, change: ChannelChange, *, if_match: int | None
) -> Channel:
    """Raises NotFoundError, StaleError."""
    channel = await queries.channel_by_key(session, key, lock=True)
    if channel is None:
        raise NotFoundError(f"No channel {key}.")
    check_version(if_match, channel.version)
    for name, value in change.model_dump(exclude_none=True).items():
        setattr(channel, name, value)
    channel.version += 1
    await session.flush()
    return channel


async def add_campaign(session: AsyncSession, form: CampaignForm, *, currency: str) -> Campaign:
    """A new campaign; `currency` is used when the form names none. Raises InvalidError, ConflictError."""
    campaign = Campaign(
        id=clock.new_id(),
        name=form.name,
        channel=form.channel,
        utm_campaign=utm_key(form.utm_campaign) if form.utm_campaign else None,
        budget_minor=form.budget.minor if form.budget else None,
        currency=form.budget.currency if form.budget else form.currency or currency,
        starts_on=form.starts_on,
        ends_on=form.ends_on,
        version=1,
    )
    await _check(session, campaign)
    session.add(campaign)
    await session.flush()
    await _claim_ids(session, campaign.id, form.external_ids)
    await _claim_touches(session, campaign.id)
    await session.refresh(campaign)
    return campaign


async def change_campaign(
    session: AsyncSession, campaign_id: UUID, change: CampaignChange, *, if_match: int | None
) -> Campaign:
    """Raises NotFoundError, StaleError, InvalidError, and ConflictError for a name another campaign has."""
    campaign = await queries.campaign_by_id(session, campaign_id, lock=True)
    if campaign is None:
        raise NotFoundError(f"No campaign {campaign_id}.")
    check_version(if_match, campaign.version)
    given = change.model_fields_set
    for name in given & {"name", "channel", "starts_on", "ends_on"}:
        setattr(campaign, name, getattr(change, name))
    if "utm_campaign" in given:
        campaign.utm_campaign = utm_key(change.utm_campaign) if change.utm_campaign else None
    if "budget" in given:
        campaign.budget_minor = change.budget.minor if change.budget else None
        campaign.currency = change.budget.currency if change.budget else campaign.currency
    if campaign.starts_on and campaign.ends_on and campaign.ends_on < campaign.starts_on:
        raise InvalidError(
            "A campaign can't end before it starts.",
            errors=[{"pointer": "/ends_on", "detail": f"It starts on {campaign.starts_on}."}],
        )
    with session.no_autoflush:
        await _check(session, campaign)
    campaign.version += 1
    await session.flush()
    if "external_ids" in given:
        await session.execute(delete(CampaignExternalId).where(CampaignExternalId.campaign_id == campaign.id))
        await _claim_ids(session, campaign.id, change.external_ids)
    if given & {"utm_campaign", "external_ids"}:
        await _claim_touches(session, campaign.id)
    await session.refresh(campaign)
    return campaign


async def _claim_touches(session: AsyncSession, campaign_id: UUID) -> None:
    """Touches that carried its names before it was registered become the campaign's."""
    for claim in CLAIMS:
        await claim(session, campaign_id)


async def _check(session: AsyncSession, campaign: Campaign) -> None:
    """Its channel exists, and no other campaign answers to its utm_campaign."""
    if await queries.channel_by_key(session, campaign.channel) is None:
        detail = f"There is no channel {campaign.channel}; add it at /v1/channels."
        raise InvalidError(detail, errors=[{"pointer": "/channel", "detail": detail}])
    if campaign.utm_campaign is not None:
        owner = await queries.owner_of_utm(session, campaign.utm_campaign)
        if owner is not None and owner != campaign.id:
            raise ConflictError(f"utm_campaign {campaign.utm_campaign} belongs to campaign {owner}.")


async def _claim_ids(session: AsyncSession, campaign_id: UUID, external_ids: ExternalIds) -> None:
    pairs = [(str(platform), each) for platform, ids in external_ids.items() for each in dict.fromkeys(ids)]
    if not pairs:
        return
    for (platform, external_id), owner in (await queries.owners_of_external(session, pairs)).items():
        raise ConflictError(f"The {platform} campaign {external_id} belongs to campaign {owner}.")
    await session.execute(
        insert(CampaignExternalId),
        [
            {"platform": platform, "external_id": external_id, "campaign_id": campaign_id}
            for platform, external_id in pairs
        ],
    )
