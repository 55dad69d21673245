"""What forms brought: counted from submissions and deliveries, so that it can't drift from them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.marketing.capture.deliveries.queries import deliveries_by_id
from services.marketing.capture.deliveries.rules import Raw
from services.marketing.capture.form_health.rules import FEWEST_ARRIVALS, Day
from shared.database.sessions import Driver

MOST_ORIGINS = 50
# A notice is a test, and says nothing of how the form does.
LATEST = """
SELECT f.id, arrived.times, notice.received_at AS tested, now() AS now
FROM unnest($1::uuid[]) AS f(id)
LEFT JOIN LATERAL (
    SELECT array_agg(received_at ORDER BY id) AS times FROM (
        SELECT id, received_at FROM deliveries WHERE source_id = f.id AND state <> 'notice'
        ORDER BY id DESC LIMIT $2
    ) AS latest
) AS arrived ON true
LEFT JOIN LATERAL (
    SELECT received_at FROM deliveries WHERE source_id = f.id AND state = 'notice' ORDER BY id DESC LIMIT 1
) AS notice ON true
"""
COUNTS = """
SELECT source_id, state, count(*) FROM submissions
WHERE source_id = ANY($1::uuid[]) AND received_at >= now() - interval '30 days' GROUP BY 1, 2
"""
DAYS = """
SELECT (received_at AT TIME ZONE 'UTC')::date, state, count(*) FROM submissions
WHERE source_id = $1 AND received_at >= now() - interval '30 days' GROUP BY 1, 2 ORDER BY 1 DESC
"""
REFUSED = """
SELECT coalesce(d.sender, ''), count(*), max(s.received_at)
FROM submissions s JOIN deliveries d ON d.id = s.delivery_id
WHERE s.source_id = $1 AND s.received_at >= now() - interval '30 days' AND s.reason = 'origin'
GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT $2
"""
ARRIVALS = """
SELECT received_at FROM deliveries
WHERE source_id = $1 AND state <> 'notice' AND id >= $2 AND received_at >= $3 ORDER BY received_at
"""
# Of the hours that may still be changing. What was a flood makes no hour busier than is usual.
HOURS = """
SELECT d.source_id, date_trunc('hour', d.received_at, 'UTC') AS hour, count(*)::int AS came,
       count(*) FILTER (WHERE d.mark IS NULL OR (d.mark = 'burst' AND NOT EXISTS (
           SELECT FROM submissions s WHERE s.delivery_id = d.id AND s.reason = 'flood')))::int AS arrivals
FROM deliveries d
WHERE d.source_id = ANY($1::uuid[]) AND d.state <> 'notice'
  AND d.received_at >= date_trunc('hour', now(), 'UTC') - interval '1 hour'
GROUP BY 1, 2
"""
# What can't be read at all is a post that was lost, too.
OF_A_DAY = """
SELECT source_id, sum(judged)::int, sum(rejected)::int FROM (
    SELECT source_id, count(*) AS judged, count(*) FILTER (WHERE state = 'rejected') AS rejected
    FROM submissions WHERE received_at >= now() - interval '1 day' AND state <> 'pending' GROUP BY 1
    UNION ALL
    SELECT source_id, count(*), count(*) FROM deliveries
    WHERE received_at >= now() - interval '1 day' AND state = 'unreadable' GROUP BY 1
) AS posts WHERE source_id = ANY($1::uuid[]) GROUP BY 1
"""
LATEST_POSTS = """
SELECT id FROM deliveries
WHERE source_id = $1 AND state <> 'notice' AND body IS NOT NULL ORDER BY id DESC LIMIT $2
"""


@dataclass(frozen=True, slots=True)
class Latest:
    """When a form's latest posts came, in order of time, and its latest test."""

    times: Sequence[datetime]
    tested: datetime | None
    now: datetime

    @property
    def last(self) -> datetime | None:
        return self.times[-1] if self.times else None


async def latest(
    connection: Driver, form_ids: Collection[UUID], most: int = FEWEST_ARRIVALS
) -> dict[UUID, Latest]:
    rows = await connection.fetch(LATEST, list(form_ids), most)
    return {row["id"]: Latest(row["times"] or (), row["tested"], row["now"]) for row in rows}


async def counts(connection: Driver, form_ids: Collection[UUID]) -> dict[UUID, dict[str, int]]:
    """By form and state, of the last 30 days."""
    found: dict[UUID, dict[str, int]] = {}
    for form_id, state, count in await connection.fetch(COUNTS, list(form_ids)):
        found.setdefault(form_id, {})[state] = count
    return found


async def days(connection: Driver, form_id: UUID) -> Mapping[date, Mapping[str, int]]:
    """By day and state, the latest first; days without any are left out."""
    found: dict[date, dict[str, int]] = {}
    for day, state, count in await connection.fetch(DAYS, form_id):
        found.setdefault(day, {})[state] = count
    return found


async def refused_origins(connection: Driver, form_id: UUID) -> list[tuple[str, int, datetime]]:
    """Origin, how often and when last, of what was set aside for it; the commonest first."""
    return [(row[0], row[1], row[2]) for row in await connection.fetch(REFUSED, form_id, MOST_ORIGINS)]


async def arrivals(connection: Driver, form_id: UUID, *, first: UUID, since: datetime) -> list[datetime]:
    """When its posts came, in order. `first` is an id of that time, for ids are in the order of time."""
    return [row[0] for row in await connection.fetch(ARRIVALS, form_id, first, since)]


@dataclass(frozen=True, slots=True)
class Hours:
    """How many posts came by form and hour, of the last two: all, and without floods. Which is now."""

    came: Mapping[tuple[UUID, datetime], int]
    arrivals: Mapping[tuple[UUID, datetime], int]
    now: datetime


async def hours(connection: Driver, form_ids: Collection[UUID]) -> Hours:
    rows = await connection.fetch(HOURS, list(form_ids))
    now: datetime = await connection.fetchval("SELECT date_trunc('hour', now(), 'UTC')")
    return Hours(
        {(row["source_id"], row["hour"]): row["came"] for row in rows},
        {(row["source_id"], row["hour"]): row["arrivals"] for row in rows},
        now,
    )


async def of_a_day(connection: Driver, form_ids: Collection[UUID]) -> dict[UUID, Day]:
    """What became of each form's posts of the last 24 hours."""
    return {row[0]: Day(row[1], row[2]) for row in await connection.fetch(OF_A_DAY, list(form_ids))}


async def latest_posts(connection: Driver, form_id: UUID, most: int) -> list[Raw]:
    """As they came, the latest first."""
    ids = [row[0] for row in await connection.fetch(LATEST_POSTS, form_id, most)]
    found = await deliveries_by_id(connection, ids)
    return [found[one] for one in ids]
