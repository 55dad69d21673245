"""Every SELECT of the reports. The ROI report reads sums by day and month, so its cost is flat in leads,
touches and deals.
"""

from datetime import UTC, date, datetime, time
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.marketing.acquisition.campaigns.rules import NIL
from services.marketing.revenue.reports.rules import Figures, ReportKey, whole_months
from shared.database.sessions import driver

# A year of days is ten thousand rows here, and to name the month of each is most of a report's cost: it is
# named only when it is asked for ($1), as a timestamp without a zone. Else the period stands for all of it.
MONTH = "CASE WHEN $1 THEN date_trunc('month', day::timestamp)::date ELSE $2::date END AS month"
# Months where the period has whole ones, from $7 to $8, and days before and after.
CREDITED_ROWS = """
SELECT month AS day, campaign_id, channel, bucket, revenue_minor, deals_ppm FROM campaign_months
WHERE basis = $4 AND currency = $5 AND model = $6 AND month >= $7 AND month < $8
UNION ALL
SELECT day, campaign_id, channel, bucket, revenue_minor, deals_ppm FROM campaign_days
WHERE basis = $4 AND currency = $5 AND model = $6 AND day >= $2 AND day < $7
UNION ALL
SELECT day, campaign_id, channel, bucket, revenue_minor, deals_ppm FROM campaign_days
WHERE basis = $4 AND currency = $5 AND model = $6 AND day >= $8 AND day < $3
"""
REVENUE = f"""
SELECT campaign_id, channel, bucket, {MONTH},
       sum(revenue_minor)::bigint AS revenue, sum(deals_ppm)::bigint AS deals_ppm
FROM ({CREDITED_ROWS}) AS credited
GROUP BY 1, 2, 3, 4
HAVING sum(revenue_minor) <> 0 OR sum(deals_ppm) <> 0
"""
PEOPLE = f"""
SELECT campaign_id, channel, {MONTH},
       sum(leads)::bigint AS leads, sum(mqls)::bigint AS mqls
FROM lead_days
WHERE day >= $2 AND day < $3
GROUP BY 1, 2, 3
"""
CLOSED = """
SELECT coalesce(sum(amount_minor), 0)::bigint AS amount, coalesce(sum(deals), 0)::bigint AS deals
FROM deal_days
WHERE currency = $1 AND day >= $2 AND day < $3
"""
# A lead counts once, by the furthest it came in any of its cycles. What was taken back counts nowhere.
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
    FROM leads l LEFT JOIN lead_cycles c
         ON c.lead_id = l.id AND (c.withdrawn_at IS NULL OR c.outcome = 'won')
    WHERE l.occurred_at >= $1 AND l.occurred_at < $2 AND l.withdrawn_at IS NULL
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
    """Let every query of this report see the same moment. To be called before the first one.

    And let each be planned for its period. The plan PostgreSQL keeps for any period expects a handful of
    days, and sorts a year of them where it could have summed them up: twice the time.
    """
    await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    await (await driver(session)).execute("SET LOCAL plan_cache_mode = force_custom_plan")


async def revenue(
    session: AsyncSession, start: date, end: date, *, basis: str, currency: str, model: str, by_month: bool
) -> list[tuple[ReportKey, Figures]]:
    connection = await driver(session)
    rows = await connection.fetch(
        REVENUE, by_month, start, end, basis, currency, model, *whole_months(start, end)
    )
    return [
        (
            ReportKey(None if row[0] == NIL else row[0], row[1] or None, row[2], row[3]),
            Figures(revenue=row["revenue"], deals_ppm=row["deals_ppm"]),
        )
        for row in rows
    ]


async def people(
    session: AsyncSession, start: date, end: date, *, by_month: bool
) -> list[tuple[ReportKey, Figures]]:
    """Leads by the campaign and month that brought them, MQLs by those that qualified them."""
    rows = await (await driver(session)).fetch(PEOPLE, by_month, start, end)
    return [
        (
            ReportKey(None if row[0] == NIL else row[0], row[1], "touch", row[2]),
            Figures(leads=row["leads"], mqls=row["mqls"]),
        )
        for row in rows
    ]


async def closed_amounts(session: AsyncSession, currency: str, start: date, end: date) -> tuple[int, int]:
    """What the won deals closed in the period are worth, and how many they are."""
    [(amount, deals)] = await (await driver(session)).fetch(CLOSED, currency, start, end)
    return amount, deals


async def funnel(
    session: AsyncSession, start: date, end: date, *, by: str, campaign_id: UUID | None
) -> dict[str, list[tuple[int, int, int, int, int]]]:
    """By group: furthest rank, leads, and how many of them were recycled, lost, disqualified."""
    rows = await (await driver(session)).fetch(FUNNEL, midnight(start), midnight(end), by, campaign_id)
    found: dict[str, list[tuple[int, int, int, int, int]]] = {}
    for group, *counts in rows:
        found.setdefault(group, []).append(tuple(counts))
    return found


async def restated(
    session: AsyncSession, currency: str, start: date, end: date
) -> list[tuple[date, str, int, int]]:
    """Month of the close, cause, how many corrections, and the change they made."""
    return [tuple(row) for row in await (await driver(session)).fetch(RESTATED, start, end, currency)]
