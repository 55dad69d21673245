"""Every SELECT on spend and exchange rates."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.marketing.acquisition.spend.rules import SpendDay
from services.marketing.acquisition.spend.tables import CampaignSpend
from shared.database.sessions import driver

# What needs no rate is summed here: a year of thirty campaigns is thirty rows then, not 10,950.
# The rate of a day is the latest one valid on it; a day before the first rate has none.
DAYS = """
SELECT s.campaign_id, c.channel, s.day, s.amount, $3::text, s.impressions, s.clicks, NULL::numeric AS rate
FROM (
    SELECT campaign_id, CASE WHEN $4 THEN date_trunc('month', day::timestamp)::date ELSE $1::date END AS day,
           sum(amount_minor)::bigint AS amount, sum(impressions)::bigint AS impressions,
           sum(clicks)::bigint AS clicks
    FROM campaign_spend WHERE day >= $1 AND day < $2 AND currency = $3 GROUP BY 1, 2
) s JOIN campaigns c ON c.id = s.campaign_id
UNION ALL
SELECT s.campaign_id, c.channel, s.day, s.amount_minor, s.currency, s.impressions, s.clicks, r.rate
FROM campaign_spend s JOIN campaigns c ON c.id = s.campaign_id LEFT JOIN LATERAL (
    SELECT rate FROM exchange_rates
    WHERE base = s.currency AND quote = $3 AND valid_on <= s.day
    ORDER BY valid_on DESC LIMIT 1
) r ON true
WHERE s.day >= $1 AND s.day < $2 AND s.currency <> $3
ORDER BY 1, 3
"""


async def days(session: AsyncSession, start: date, end: date, *, into: str, by_month: bool) -> list[SpendDay]:
    """What every campaign cost in the period: in the currency asked for as one sum, or one for each month,
    and each day of other spend with its rate into it.
    """
    connection = await driver(session)
    return [SpendDay(*row) for row in await connection.fetch(DAYS, start, end, into, by_month)]


def spend_of(campaign_id: UUID, start: date | None, end: date | None) -> Select[CampaignSpend]:
    """One campaign's days, in the period where one is given."""
    query = select(CampaignSpend).where(CampaignSpend.campaign_id == campaign_id)
    if start is not None:
        query = query.where(CampaignSpend.day >= start)
    return query.where(CampaignSpend.day < end) if end is not None else query


async def spend_on(session: AsyncSession, campaign_id: UUID, day: date) -> CampaignSpend | None:
    return await session.get(CampaignSpend, (campaign_id, day), populate_existing=True)


async def rows(session: AsyncSession, query: Select[CampaignSpend]) -> Sequence[CampaignSpend]:
    return (await session.scalars(query)).all()
