"""The set-based write of the copy of reps."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.sales.reference.reps.tables import Rep
from shared.database import bulk
from shared.events.handoff import RepChanged


@dataclass(frozen=True, slots=True, kw_only=True)
class RepRow:
    """A rep as one fact says."""

    id: UUID
    subject: str
    display_name: str
    team_id: UUID
    team_name: str
    manager_subject: str | None
    active: bool
    version: int
    changed_at: datetime


COPY = bulk.insert(Rep, RepRow, on_conflict=bulk.replace("id", where="t.version < excluded.version"))

FORGET = "DELETE FROM reps WHERE id = ANY($1::uuid[])"


def row_of(rep: RepChanged) -> RepRow:
    return RepRow(
        id=rep.rep_id,
        subject=rep.subject,
        display_name=rep.display_name,
        team_id=rep.team_id,
        team_name=rep.team_name,
        manager_subject=rep.manager_subject,
        active=rep.active,
        version=rep.version,
        changed_at=rep.changed_at,
    )
