"""Keeping marketing's copy of deals: each event is a newer state, or it is passed over.

Every function answers the ids of the deals it changed; an event that is not newer than the
copy changes nothing and must have no other effect either.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg
from sqlalchemy.ext.asyncio import AsyncSession

from shared.database.sessions import driver
from shared.events.sales import DealAmended, DealClosed, DealOpened, DealStageChanged

OPEN = """
INSERT INTO deals AS d (deal_id, version, lead_id, cycle, contact_ids, company_id, origin, rep_id, stage,
                        amount_minor, currency, opened_at, updated_at)
SELECT i, v, l, c, co::uuid[], cy, o, r, s, a, cu, at, $1
FROM unnest($2::uuid[], $3::bigint[], $4::uuid[], $5::int[], $6::text[], $7::uuid[], $8::text[], $9::uuid[],
            $10::text[], $11::bigint[], $12::text[], $13::timestamptz[])
     AS x(i, v, l, c, co, cy, o, r, s, a, cu, at)
ON CONFLICT (deal_id) DO UPDATE
SET version = excluded.version, contact_ids = excluded.contact_ids, company_id = excluded.company_id,
    origin = excluded.origin, rep_id = excluded.rep_id, stage = excluded.stage,
    amount_minor = excluded.amount_minor, currency = excluded.currency, opened_at = excluded.opened_at,
    updated_at = $1
WHERE d.version < excluded.version
RETURNING deal_id
"""
MOVE = """
INSERT INTO deals AS d (deal_id, version, lead_id, cycle, stage, amount_minor, currency, opportunity_at,
                        updated_at)
SELECT x.*, $1
FROM unnest($2::uuid[], $3::bigint[], $4::uuid[], $5::int[], $6::text[], $7::bigint[], $8::text[],
            $9::timestamptz[]) AS x
ON CONFLICT (deal_id) DO UPDATE
SET version = excluded.version, stage = excluded.stage, amount_minor = excluded.amount_minor,
    currency = excluded.currency, opportunity_at = coalesce(d.opportunity_at, excluded.opportunity_at),
    updated_at = $1
WHERE d.version < excluded.version
RETURNING deal_id
"""
# One statement: the deals, and by how much that changes the sums of their days. Before and after are both
# there: a CTE that reads sees the deals as they were when the statement began.
CLOSE = """
WITH before AS (
    SELECT deal_id, outcome, reporting_currency AS currency, closed_on AS day,
           reporting_amount_minor AS amount
    FROM deals WHERE deal_id = ANY($2::uuid[])
), after AS (
INSERT INTO deals AS d (deal_id, version, lead_id, cycle, contact_ids, company_id, origin, rep_id, outcome,
                        reason, amount_minor, currency, reporting_amount_minor, reporting_currency,
                        refunded_minor, closed_on, closed_at, updated_at)
SELECT i, v, l, c, co::uuid[], cy, o, r, ou, re, a, cu, ra, rc, rf, con, cat, $1
FROM unnest($2::uuid[], $3::bigint[], $4::uuid[], $5::int[], $6::text[], $7::uuid[], $8::text[], $9::uuid[],
            $10::text[], $11::text[], $12::bigint[], $13::text[], $14::bigint[], $15::text[], $16::bigint[],
            $17::date[], $18::timestamptz[])
     AS x(i, v, l, c, co, cy, o, r, ou, re, a, cu, ra, rc, rf, con, cat)
ON CONFLICT (deal_id) DO UPDATE
SET version = excluded.version, contact_ids = excluded.contact_ids, company_id = excluded.company_id,
    origin = excluded.origin, rep_id = excluded.rep_id, outcome = excluded.outcome,
    reason = coalesce(excluded.reason, d.reason), amount_minor = excluded.amount_minor,
    currency = excluded.currency, reporting_amount_minor = excluded.reporting_amount_minor,
    reporting_currency = excluded.reporting_currency, refunded_minor = excluded.refunded_minor,
    closed_on = excluded.closed_on, closed_at = excluded.closed_at, updated_at = $1
WHERE d.version < excluded.version
RETURNING d.deal_id, d.outcome, d.reporting_currency AS currency, d.closed_on AS day,
          d.reporting_amount_minor AS amount
), changes AS (
    SELECT currency, day, 1 AS deals, amount FROM after WHERE outcome = 'won'
    UNION ALL
    SELECT b.currency, b.day, -1, -b.amount FROM before b JOIN after USING (deal_id) WHERE b.outcome = 'won'
), summed AS (
    INSERT INTO deal_days AS s (currency, day, deals, amount_minor)
    SELECT currency, day, sum(deals), sum(amount) FROM changes GROUP BY currency, day
    HAVING sum(deals) <> 0 OR sum(amount) <> 0
    ON CONFLICT (currency, day) DO UPDATE
    SET deals = s.deals + excluded.deals, amount_minor = s.amount_minor + excluded.amount_minor
)
SELECT deal_id FROM after
"""
Described = DealOpened | DealClosed | DealAmended


async def copy_opened(session: AsyncSession, events: Sequence[DealOpened], *, now: datetime) -> set[UUID]:
    """The deal as it was opened."""
    connection = await driver(session)
    return _changed(
        await connection.fetch(
            OPEN,
            now,
            *_parties(events),
            [event.stage for event in events],
            [event.amount_minor for event in events],
            [event.currency for event in events],
            [event.opened_at for event in events],
        )
    )


async def copy_moved(
    session: AsyncSession, events: Sequence[DealStageChanged], *, now: datetime
) -> set[UUID]:
    """Its stage and amount; and when it first counted as pipeline."""
    connection = await driver(session)
    return _changed(
        await connection.fetch(
            MOVE,
            now,
            [event.deal_id for event in events],
            [event.version for event in events],
            [event.lead_id for event in events],
            [event.cycle for event in events],
            [event.to_stage for event in events],
            [event.amount_minor for event in events],
            [event.currency for event in events],
            [event.changed_at if event.became_opportunity else None for event in events],
        )
    )


async def copy_closed(
    session: AsyncSession, events: Sequence[DealClosed | DealAmended], *, now: datetime
) -> set[UUID]:
    """Its outcome and what it is worth, in both currencies; the sums of the days follow.

    One transaction at a time: the caller has seen to it, before this statement begins.
    """
    connection = await driver(session)
    return _changed(
        await connection.fetch(
            CLOSE,
            now,
            *_parties(events),
            [event.outcome for event in events],
            [event.reason if isinstance(event, DealClosed) else None for event in events],
            [event.amount_minor for event in events],
            [event.currency for event in events],
            [event.reporting_amount_minor for event in events],
            [event.reporting_currency for event in events],
            [event.refunded_minor if isinstance(event, DealAmended) else 0 for event in events],
            [event.closed_on for event in events],
            [event.closed_at for event in events],
        )
    )


def _parties(events: Sequence[Described]) -> list[list[object]]:
    """The columns that say which deal it is and whose, in the order both statements take them."""
    return [
        [event.deal_id for event in events],
        [event.version for event in events],
        [event.lead_id for event in events],
        [event.cycle for event in events],
        # An array of arrays would be flattened by unnest, so each list travels as text.
        ["{" + ",".join(map(str, event.contact_ids)) + "}" for event in events],
        [event.company_id for event in events],
        [event.origin for event in events],
        [event.rep_id for event in events],
    ]


def _changed(rows: Sequence[asyncpg.Record]) -> set[UUID]:
    return {row["deal_id"] for row in rows}
