"""Every SELECT of the reports. Money comes from the sums by day, so its cost is flat in the touches."""

from datetime import UTC, date, datetime, time
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.marketing.reports.rules import Figures, Place
from shared import database

NIL = UUID(int=0)
REVENUE = """
SELECT campaign_id, channel, bucket, date_trunc('month', day)::date AS month,
       sum(revenue_minor)::bigint AS revenue, sum(deals_ppm)::bigint AS deals_ppm
FROM campaign_days
WHERE basis = $1 AND currency = $2 AND model = $3 AND day >= $4 AND day < $5
GROUP BY 1, 2, 3, 4
HAVING sum(revenue_minor) <> 0 OR sum(deals_ppm) <> 0
"""
LEADS = """
SELECT campaign_id, channel, date_trunc('month', occurred_at)::date AS month, count(*) AS n
FROM leads
WHERE occurred_at >= $1 AND occurred_at < $2
GROUP BY 1, 2, 3
"""
# The first cycle only: a lead that is qualified again was recycled and is no new MQL.
MQLS = """
SELECT campaign_id, channel, date_trunc('month', qualified_at)::date AS month, count(*) AS n
FROM lead_cycles
WHERE qualified_at >= $1 AND qualified_at < $2 AND cycle = 1
GROUP BY 1, 2, 3
"""
CLOSED = """
SELECT coalesce(sum(reporting_amount_minor), 0)::bigint AS amount, count(*) AS deals
FROM deals
WHERE outcome = 'won' AND reporting_currency = $1 AND closed_on >= $2 AND closed_on < $3
"""
CREDITED = """
SELECT coalesce(sum(revenue_minor), 0)::bigint FROM campaign_days
WHERE basis = 'closed' AND currency = $1 AND model = $2 AND day >= $3 AND day < $4
"""
# A lead counts once, by the furthest it came in any of its cycles.
FUNNEL = """
WITH reached AS (
    SELECT l.id,
           CASE $3 WHEN 'campaign' THEN coalesce(l.campaign_id::text, 'no_campaign')
                   WHEN 'channel' THEN l.channel
                   WHEN 'month' THEN to_char(l.occurred_at, 'YYYY-MM')
                   ELSE 'all' END AS grp,
           max(CASE WHEN c.outcome = 'won' THEN 5 WHEN c.opportunity_at IS NOT NULL THEN 4
                    WHEN c.sql_at IS NOT NULL THEN 3 WHEN c.accepted_at IS NOT NULL THEN 2
                    WHEN c.qualified_at IS NOT NULL THEN 1 ELSE 0 END) AS rank,
           bool_or(c.returned_at IS NOT NULL) AS recycled,
           bool_or(c.stage = 'lost') AS lost,
           bool_or(c.stage = 'disqualified') AS disqualified
    FROM leads l JOIN lead_cycles c ON c.lead_id = l.id
    WHERE l.occurred_at >= $1 AND l.occurred_at < $2
      AND ($4::uuid IS NULL OR l.campaign_id = $4)
    GROUP BY l.id
)
SELECT grp, rank, count(*) AS n, count(*) FILTER (WHERE recycled) AS recycled,
       count(*) FILTER (WHERE lost) AS lost, count(*) FILTER (WHERE disqualified) AS disqualified
FROM reached GROUP BY grp, rank ORDER BY grp, rank
"""
# The first set of a deal is its close; every later one says something new about a known month.
RESTATED = """
SELECT date_trunc('month', s.closed_on)::date AS month, s.cause, count(*) AS corrections,
       sum(s.reporting_delta)::bigint AS change
FROM credit_sets s
WHERE s.recorded_at >= $1 AND s.recorded_at < $2
  AND s.reporting_currency = $3
  AND EXISTS (SELECT 1 FROM credit_sets e WHERE e.deal_id = s.deal_id AND e.revision < s.revision)
GROUP BY 1, 2 ORDER BY 1, 2
"""


def midnight(day: date) -> datetime:
    """When a day begins: days are UTC days, here and on the connection, whose time zone is UTC."""
    return datetime.combine(day, time.min, UTC)


async def one_moment(session: AsyncSession) -> None:
    """Let every query of this report see the same moment. To be called before the first one."""
    await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


async def revenue(
    session: AsyncSession, *, basis: str, currency: str, model: str, start: date, end: date
) -> list[tuple[Place, Figures]]:
    rows = await (await database.driver(session)).fetch(REVENUE, basis, currency, model, start, end)
    return [
        (
            Place(None if row[0] == NIL else row[0], row[1] or None, row[2], row[3]),
            Figures(revenue=row["revenue"], deals_ppm=row["deals_ppm"]),
        )
        for row in rows
    ]


async def people(session: AsyncSession, start: date, end: date) -> list[tuple[Place, Figures]]:
    """Leads by the campaign and month that brought them, MQLs by those that qualified them."""
    connection = await database.driver(session)
    leads = await connection.fetch(LEADS, midnight(start), midnight(end))
    mqls = await connection.fetch(MQLS, midnight(start), midnight(end))
    return [
        *((Place(row[0], row[1], "touch", row[2]), Figures(leads=row["n"])) for row in leads),
        *((Place(row[0], row[1], "touch", row[2]), Figures(mqls=row["n"])) for row in mqls),
    ]


async def closed_amounts(session: AsyncSession, currency: str, start: date, end: date) -> tuple[int, int]:
    """What the won deals closed in the period are worth, and how many they are."""
    [(amount, deals)] = await (await database.driver(session)).fetch(CLOSED, currency, start, end)
    return amount, deals


async def credited(session: AsyncSession, currency: str, model: str, start: date, end: date) -> int:
    amount: int = await (await database.driver(session)).fetchval(CREDITED, currency, model, start, end)
    return amount


async def funnel(
    session: AsyncSession, start: date, end: date, *, by: str, campaign_id: UUID | None
) -> dict[str, list[tuple[int, int, int, int, int]]]:
    """By group: furthest rank, leads, and how many of them were recycled, lost, disqualified."""
    rows = await (await database.driver(session)).fetch(
        FUNNEL, midnight(start), midnight(end), by, campaign_id
    )
    found: dict[str, list[tuple[int, int, int, int, int]]] = {}
    for group, *counts in rows:
        found.setdefault(group, []).append(tuple(counts))
    return found


async def restated(
    session: AsyncSession, currency: str, start: date, end: date
) -> list[tuple[date, str, int, int]]:
    """Month of the close, cause, how many corrections, and the change they made."""
    return [
        tuple(row) for row in await (await database.driver(session)).fetch(RESTATED, start, end, currency)
    ]
