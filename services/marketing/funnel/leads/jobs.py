"""A campaign registered after its links went live takes the touches that carried its name, and their leads.

Some at once, with the campaign; the rest, and what came in at the same moment, in batches by the worker.
Credits of closed deals stay as they were booked.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.marketing.acquisition.campaigns.rules import NIL
from services.marketing.funnel.leads import queries
from services.marketing.funnel.leads.rules import Origin
from services.marketing.funnel.leads.writes import COUNT, MOVE_LEADS, CountedLeads, Moved
from services.marketing.funnel.lifecycle.writes import MOVE_CYCLES, MovedCycle
from services.marketing.people.touches import use_cases as touches
from services.marketing.people.touches.rules import Claimed
from shared.database.sessions import Sessions, driver

AT_ONCE = 2000
BATCH = 500


async def claim_earlier_touches(sessions: Sessions) -> int:
    """One round of the worker: how many touches found their campaign."""
    async with sessions.begin() as session:
        return await claim(session, None, most=BATCH)


async def claim_for_campaign(session: AsyncSession, campaign_id: UUID) -> None:
    """What a campaign does when it gets a name: it takes what carried that name."""
    await claim(session, campaign_id, most=AT_ONCE)


async def claim(session: AsyncSession, campaign_id: UUID | None, *, most: int) -> int:
    """Touches first, then the leads and cycles that began with them, and the sums that count those."""
    claimed = await touches.claim(session, campaign_id, most=most)
    submitted = [one for one in claimed if one.submission_id is not None]
    if submitted:
        await _move_leads(session, submitted)
    return len(claimed)


async def _move_leads(session: AsyncSession, claimed: Sequence[Claimed]) -> None:
    leads = await queries.lock_leads(session, list({one.contact_id for one in claimed}))
    moved = [
        Moved(leads[one.contact_id].lead_id, one.submission_id, one.campaign_id, one.channel)
        for one in claimed
        if one.contact_id in leads and one.submission_id is not None
    ]
    connection = await driver(session)
    changes: Counter[tuple[Origin, str]] = Counter()
    for lead_id, happened, before, campaign, channel in await MOVE_LEADS(connection, moved=moved):
        del lead_id
        _move(changes, "leads", happened, before, campaign, channel)
    cycles = [MovedCycle(*one) for one in moved]
    first = {lead.lead_id: lead.first_cycle for lead in leads.values()}
    for lead_id, cycle, qualified_at, before, campaign, channel in await MOVE_CYCLES(
        connection, moved=cycles
    ):
        if cycle == first[lead_id] and qualified_at is not None:
            _move(changes, "mqls", qualified_at, before, campaign, channel)
    origins = {origin for origin, _ in changes}
    counted = [
        CountedLeads(day, campaign or NIL, channel, changes[origin, "leads"], changes[origin, "mqls"])
        for origin in origins
        for day, campaign, channel in [origin]
    ]
    await COUNT(connection, counted)


def _move(
    changes: Counter[tuple[Origin, str]],
    what: str,
    at: datetime,
    before: str,
    campaign: UUID,
    channel: str,
) -> None:
    """One less where it was counted, one more where it belongs."""
    day = at.astimezone(UTC).date()
    changes[(day, None, before), what] -= 1
    changes[(day, campaign, channel), what] += 1
