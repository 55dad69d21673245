"""Putting a day's spend."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.marketing.acquisition.campaigns import queries as campaigns
from services.marketing.acquisition.spend import queries
from services.marketing.acquisition.spend.schemas import SpendForm
from services.marketing.acquisition.spend.tables import CampaignSpend
from shared.errors import NotFoundError
from shared.http.audit import trail


async def put_day(
    session: AsyncSession, campaign_id: UUID, day: date, form: SpendForm, *, now: datetime
) -> CampaignSpend:
    """Set what the campaign cost on this day. Putting the same again changes nothing but the version."""
    if await campaigns.campaign_by_id(session, campaign_id) is None:
        raise NotFoundError(f"No campaign {campaign_id}.")
    before = await queries.spend_on(session, campaign_id, day)
    spent = {"amount_minor": (before and before.amount_minor, form.amount.minor)}
    trail.changed(session, "campaign_spend", f"{campaign_id}/{day}", values=spent)
    values = {
        "amount_minor": form.amount.minor,
        "currency": form.amount.currency,
        "impressions": form.impressions,
        "clicks": form.clicks,
        "recorded_at": now,
    }
    statement = insert(CampaignSpend).values(campaign_id=campaign_id, day=day, version=1, **values)
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["campaign_id", "day"], set_={**values, "version": CampaignSpend.version + 1}
        )
    )
    row = await queries.spend_on(session, campaign_id, day)
    assert row is not None
    return row
