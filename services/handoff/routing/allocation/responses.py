"""When a lead was first reached out to and spoken with: by what a rep states, and by what sales tells."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from asyncpg import Record
from sqlalchemy.ext.asyncio import AsyncSession

from services.handoff.routing.allocation.tables import Lead
from services.handoff.routing.allocation.writes import LeadKey
from shared.database import bulk
from shared.database.sessions import driver


class Stated(NamedTuple):
    """What the rep said themselves."""

    at: datetime
    channel: str


@dataclass(frozen=True, slots=True)
class LeadClocks:
    """The clocks of one cycle as they stand, its row locked. Only the newest cycle tells anything."""

    key: LeadKey
    version: int
    qualified_at: datetime
    rep_id: UUID
    responded_at: datetime | None
    channel: str | None
    activity_id: UUID | None
    connected_at: datetime | None
    stated: Stated | None
    is_newest: bool


class ResponseRow(NamedTuple):
    """The clocks of one cycle as they are from now on."""

    lead_id: UUID
    cycle: int
    version: int
    responded_at: datetime | None
    response_channel: str | None
    response_activity_id: UUID | None
    connected_at: datetime | None
    stated_at: datetime | None
    stated_channel: str | None


SET = bulk.update(Lead, ResponseRow, key=("lead_id", "cycle"))
# In one order, so that batches with a lead in common wait for each other.
LOCK = bulk.Statement(
    "SELECT l.lead_id, l.cycle, l.version, l.qualified_at, l.rep_id, l.responded_at, l.response_channel, "
    "l.response_activity_id, l.connected_at, l.stated_at, l.stated_channel, "
    "NOT EXISTS (SELECT FROM leads o WHERE o.lead_id = l.lead_id AND o.cycle > l.cycle) AS is_newest "
    "FROM {keys} JOIN leads l USING (lead_id, cycle) WHERE l.rep_id IS NOT NULL "
    "ORDER BY l.lead_id, l.cycle FOR UPDATE OF l",
    keys=bulk.Rows(Lead, LeadKey),
)


async def lock(session: AsyncSession, keys: Collection[LeadKey]) -> list[LeadClocks]:
    """The clocks of those of these cycles that a rep has, or had."""
    rows = await LOCK(await driver(session), keys=keys)
    return [
        LeadClocks(
            LeadKey(row["lead_id"], row["cycle"]),
            row["version"],
            row["qualified_at"],
            row["rep_id"],
            row["responded_at"],
            row["response_channel"],
            row["response_activity_id"],
            row["connected_at"],
            _stated(row),
            row["is_newest"],
        )
        for row in rows
    ]


def _stated(row: Record) -> Stated | None:
    if row["stated_at"] is not None:
        return Stated(row["stated_at"], row["stated_channel"])
    # Stated before that was kept apart: no activity stopped the clock.
    if row["responded_at"] is not None and row["response_activity_id"] is None:
        return Stated(row["responded_at"], row["response_channel"])
    return None


def note_response(lead: Lead, *, at: datetime, channel: str) -> None:
    """A rep states it; stops the clock of speed-to-lead."""
    lead.responded_at, lead.response_channel, lead.version = at, channel, lead.version + 1
    lead.stated_at, lead.stated_channel = at, channel
