"""Every SELECT of what came before: each the latest of every person asked for, in one statement."""

from collections import defaultdict
from collections.abc import Collection
from typing import Any
from uuid import UUID

from asyncpg import Record
from sqlalchemy.ext.asyncio import AsyncSession

from shared.database.sessions import driver

Found = dict[UUID, list[Record]]

ENQUIRIES = """
SELECT w.contact_id, s.id AS submission_id, s.received_at, s.door AS source, coalesce(f.name, k.name) AS form,
       s.campaign_id, c.name AS campaign, s.hand_raiser, (s.captured -> 'answers')::text AS wrote,
       nullif(concat(s.captured ->> 'landing_host', s.captured ->> 'landing_path'), '') AS page
FROM unnest($1::uuid[]) AS w(contact_id)
CROSS JOIN LATERAL (
    SELECT * FROM submissions
    WHERE contact_id = w.contact_id AND state IN ('created', 'merged')
    ORDER BY received_at DESC, id DESC LIMIT 10
) s
LEFT JOIN campaigns c ON c.id = s.campaign_id
LEFT JOIN forms f ON f.id = s.source_id
LEFT JOIN connections k ON k.id = s.source_id
ORDER BY s.received_at DESC, s.id DESC
"""
# A submission is a touch, too, and stands among the enquiries.
TOUCHES = """
SELECT w.contact_id, t.occurred_at, t.kind, t.channel, t.campaign_id, c.name AS campaign,
       t.landing_path AS page
FROM unnest($1::uuid[]) AS w(contact_id)
CROSS JOIN LATERAL (
    SELECT * FROM touches WHERE contact_id = w.contact_id AND submission_id IS NULL
    ORDER BY occurred_at DESC, id DESC LIMIT 20
) t
LEFT JOIN campaigns c ON c.id = t.campaign_id
ORDER BY t.occurred_at DESC, t.id DESC
"""
SCORES = """
SELECT w.contact_id, l.score AS total, l.fit, l.engagement, l.scoring_model AS model, l.reasons,
       (SELECT count(*) FROM touches t WHERE t.contact_id = w.contact_id) AS touches_in_all
FROM unnest($1::uuid[]) AS w(contact_id) LEFT JOIN leads l ON l.contact_id = w.contact_id
"""
DEALS = """
SELECT w.contact_id, d.deal_id, d.of, coalesce(d.outcome, 'open') AS state, d.stage, d.rep_id,
       r.display_name AS rep_name, d.opened_at, d.closed_at
FROM unnest($1::uuid[]) AS w(contact_id) JOIN contacts p ON p.id = w.contact_id
CROSS JOIN LATERAL (
    SELECT DISTINCT ON (deal_id) * FROM (
        SELECT 'person' AS of, own.* FROM deals own JOIN contact_holds h ON h.source_id = own.deal_id
        WHERE h.contact_id = w.contact_id AND h.kind = 'deal'
        UNION ALL
        SELECT 'company', theirs.* FROM deals theirs WHERE theirs.company_id = p.company_id
    ) every
    ORDER BY deal_id DESC, of DESC LIMIT 20
) d
LEFT JOIN holders r ON r.rep_id = d.rep_id
ORDER BY d.deal_id DESC
"""


async def enquiries(session: AsyncSession, contact_ids: Collection[UUID]) -> Found:
    """What these people sent, as far as it is kept."""
    return await _found(session, ENQUIRIES, contact_ids)


async def touches(session: AsyncSession, contact_ids: Collection[UUID]) -> Found:
    """Where else they met something of ours."""
    return await _found(session, TOUCHES, contact_ids)


async def scores(session: AsyncSession, contact_ids: Collection[UUID]) -> dict[UUID, Record]:
    """The score of each one's lead, null without one, and how often they met something of ours."""
    rows = await (await driver(session)).fetch(SCORES, list(contact_ids))
    return {row["contact_id"]: row for row in rows}


async def deals(session: AsyncSession, contact_ids: Collection[UUID]) -> Found:
    """Deals with them and with their companies, the latest opened first."""
    return await _found(session, DEALS, contact_ids)


async def _found(session: AsyncSession, statement: str, contact_ids: Collection[UUID]) -> Found:
    found: defaultdict[UUID, list[Any]] = defaultdict(list)
    for row in await (await driver(session)).fetch(statement, list(contact_ids)):
        found[row["contact_id"]].append(row)
    return found
