"""Who holds whom, told to marketing again from the rows there are: after the upgrade that began it."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.handoff.staff.reps.use_cases import tell_reps
from services.marketing.people.holds.handlers import copy_holders
from shared.database.sessions import Sessions, database_time, driver
from shared.events.handoff import RepChanged
from shared.messaging.subscriptions import Context

NEWER = """
ON CONFLICT (source_id, contact_id) DO UPDATE
SET version = excluded.version, cycle = excluded.cycle, rep_id = excluded.rep_id, state = excluded.state,
    until = excluded.until WHERE t.version < excluded.version
"""
DEALS = f"""
INSERT INTO contact_holds AS t (source_id, contact_id, kind, version, lead_id, cycle, rep_id, state)
SELECT DISTINCT d.deal_id, c, 'deal', d.version, d.lead_id, d.cycle, d.rep_id, coalesce(d.outcome, 'open')
FROM deals d, unnest(d.contact_ids) AS c
{NEWER}
"""
# When an offer ends is known to handoff; a day is the longest there is by default.
LEADS = f"""
INSERT INTO contact_holds AS t (source_id, contact_id, kind, version, lead_id, cycle, rep_id, state, until)
SELECT l.id, l.contact_id, 'lead', c.handoff_version, l.id, c.cycle, c.rep_id,
       CASE WHEN c.returned_at IS NOT NULL THEN 'returned' WHEN c.accepted_at IS NOT NULL THEN 'accepted'
            ELSE 'offered' END,
       CASE WHEN c.returned_at IS NOT NULL THEN c.returned_at
            WHEN c.accepted_at IS NULL THEN least(c.assigned_at + interval '1 day', c.withdrawn_at) END
FROM leads l JOIN LATERAL (
    SELECT * FROM lead_cycles WHERE lead_id = l.id AND handoff_version > 0 ORDER BY cycle DESC LIMIT 1
) c ON true
{NEWER}
"""


async def reps_of_handoff(sessions: Sessions) -> Sequence[RepChanged]:
    """All reps as they are now."""
    async with sessions() as session:
        keys = await session.scalars(text("SELECT id::text FROM reps"))
        return await tell_reps(session, keys.all())


async def complete(sessions: Sessions, reps: Sequence[RepChanged]) -> tuple[int, int]:
    """Tell marketing of these reps, and of what its own leads and deals say; how many leads and people on
    deals were new.
    """
    async with sessions.begin() as session:
        await copy_holders(Context(session, await database_time(session)), reps)
        return await _written(session, LEADS), await _written(session, DEALS)


async def _written(session: AsyncSession, statement: str) -> int:
    return int((await (await driver(session)).execute(statement, timeout=600)).split()[-1])
