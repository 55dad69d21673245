"""The set-based writes of activities that make themselves."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.sales.work.activities.tables import Activity
from shared.database import bulk


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemActivity:
    """What a person sent, or a task that follows from it."""

    id: UUID
    deal_id: UUID
    assignee_id: UUID
    kind: str
    title: str | None
    contact_id: UUID
    direction: str | None
    due_at: datetime | None
    done_at: datetime | None
    submission_id: UUID | None


ADD = bulk.insert(Activity, SystemActivity, constants=("by", "by_human"))
FORGET_SUBMISSIONS = "DELETE FROM activities WHERE submission_id = ANY($1::uuid[])"
