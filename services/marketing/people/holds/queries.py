"""Every SELECT on who holds whom."""

from collections.abc import Collection
from dataclasses import replace
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.marketing.people.holds.rules import Hold, Holder
from shared.database.sessions import driver

HOLDS = """
SELECT h.contact_id, h.source_id, h.kind, h.version, h.lead_id, h.cycle, h.rep_id, h.state, h.until,
       r.subject, r.team_id, r.manager_subject, r.active,
       r.display_name
FROM contact_holds h LEFT JOIN holders r ON r.rep_id = h.rep_id
WHERE h.contact_id = ANY($1::uuid[])
"""
CLAIMED_UNTIL = "SELECT until FROM contact_holds WHERE source_id = $1 AND contact_id = $2"
# Of a rep who is named, if it is who asks or somebody of theirs: what others hold is not told by it.
TEAM = """
SELECT team_id FROM holders
WHERE active AND CASE WHEN $2::uuid IS NULL THEN subject = $1
                      ELSE rep_id = $2 AND (subject = $1 OR manager_subject = $1) END
ORDER BY rep_id DESC LIMIT 1
"""


async def holds_of(session: AsyncSession, contact_ids: Collection[UUID]) -> dict[UUID, list[Hold]]:
    """All that was said of leads and deals of these people, by contact; an empty list of the others."""
    found: dict[UUID, list[Hold]] = {contact_id: [] for contact_id in contact_ids}
    for row in await (await driver(session)).fetch(HOLDS, list(contact_ids)):
        contact_id, *hold, subject, team_id, manager, active, name = row
        holder = Holder(subject, team_id, manager, active, name) if subject is not None else None
        found[contact_id].append(replace(Hold(contact_id, *hold), holder=holder))
    return found


async def team_of(session: AsyncSession, subject: str, rep_id: UUID | None) -> UUID | None:
    """The team of this rep of theirs, or of who signs in with the subject; None: of no active rep."""
    team: UUID | None = await (await driver(session)).fetchval(TEAM, subject, rep_id)
    return team
