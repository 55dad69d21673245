"""Every SELECT on attempts."""

from collections import defaultdict
from collections.abc import Collection

from sqlalchemy.ext.asyncio import AsyncSession

from services.handoff.handshake.attempts.rules import Attempt
from services.handoff.handshake.attempts.tables import LeadAttempt
from services.handoff.routing.allocation.writes import LeadKey
from shared.database import bulk
from shared.database.sessions import driver

ATTEMPTS = bulk.Statement(
    "SELECT a.lead_id, a.cycle, a.activity_id, a.rep_id, a.channel, a.occurred_at, a.counts, a.connected "
    "FROM {keys} JOIN lead_attempts a USING (lead_id, cycle)",
    keys=bulk.Rows(LeadAttempt, LeadKey),
)


async def attempts_of(session: AsyncSession, keys: Collection[LeadKey]) -> dict[LeadKey, list[Attempt]]:
    """What sales has told of these leads and cycles."""
    found: defaultdict[LeadKey, list[Attempt]] = defaultdict(list)
    for row in await ATTEMPTS(await driver(session), keys=keys):
        lead_id, cycle, *attempt = row
        found[LeadKey(lead_id, cycle)].append(Attempt(*attempt))
    return found
