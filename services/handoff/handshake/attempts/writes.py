"""The set-based writes of attempts."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from services.handoff.handshake.attempts.tables import LeadAttempt
from shared.database import bulk


class AttemptRow(NamedTuple):
    """What was told of one activity."""

    activity_id: UUID
    version: int
    lead_id: UUID
    cycle: int
    rep_id: UUID | None
    channel: str
    occurred_at: datetime
    counts: bool
    connected: bool


SAVE = bulk.insert(
    LeadAttempt,
    AttemptRow,
    on_conflict=bulk.replace("activity_id", where="t.version < excluded.version"),
    returning=("lead_id", "cycle"),
)
FORGET = "DELETE FROM lead_attempts WHERE activity_id = ANY($1::uuid[]) RETURNING lead_id, cycle"
