"""The set-based writes of activities that make themselves."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
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


class Reassigned(NamedTuple):
    """Whose an activity is to do from now on."""

    id: UUID
    assignee_id: UUID


ADD = bulk.insert(Activity, SystemActivity, constants=("by", "by_human"))
FORGET_SUBMISSIONS = "DELETE FROM activities WHERE submission_id = ANY($1::uuid[])"
REASSIGN = bulk.update(Activity, Reassigned, key=("id",), computed={"revision": "t.revision + 1"})
# What is planned for a deal goes with it, unless somebody else than its rep is to do it.
FOLLOW_DEALS = """
UPDATE activities a SET assignee_id = x.to_rep, revision = a.revision + 1
FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) AS x(deal_id, from_rep, to_rep)
WHERE a.deal_id = x.deal_id AND (a.assignee_id = x.from_rep OR a.assignee_id IS NULL)
AND a.done_at IS NULL AND a.cancelled_at IS NULL
"""
