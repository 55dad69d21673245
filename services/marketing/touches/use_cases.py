"""Recording touches: from submissions, and from other systems."""

import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.marketing.touches.rules import NewTouch
from shared import database

INSERT = """
INSERT INTO touches (id, contact_id, submission_id, kind, source, external_id, campaign_id, channel,
                     session_id, landing_path, utm, click_ids, occurred_at, recorded_at)
SELECT i, c, su, k, so, x, ca, ch, se, la, u::jsonb, cl::jsonb, o, $1
FROM unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::text[], $8::uuid[], $9::text[],
            $10::text[], $11::text[], $12::text[], $13::text[], $14::timestamptz[])
     AS t(i, c, su, k, so, x, ca, ch, se, la, u, cl, o)
ON CONFLICT DO NOTHING
"""


async def record(session: AsyncSession, touches: Sequence[NewTouch], *, now: datetime) -> None:
    """Store the touches. One that is known already, by its submission or external id, changes nothing."""
    if not touches:
        return
    connection = await database.driver(session)
    await connection.execute(
        INSERT,
        now,
        [touch.id for touch in touches],
        [touch.contact_id for touch in touches],
        [touch.submission_id for touch in touches],
        [touch.kind for touch in touches],
        [touch.source for touch in touches],
        [touch.external_id for touch in touches],
        [touch.campaign_id for touch in touches],
        [touch.channel for touch in touches],
        [touch.session_id for touch in touches],
        [touch.landing_path for touch in touches],
        [json.dumps(dict(touch.utm)) for touch in touches],
        [json.dumps(dict(touch.click_ids)) for touch in touches],
        [touch.occurred_at for touch in touches],
    )
