"""The set-based writes of what people sent again."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from services.sales.work.resubmissions.tables import Resubmission
from shared.database import bulk


class ResubmissionRow(NamedTuple):
    """What was told of one submission."""

    submission_id: UUID
    lead_id: UUID
    cycle: int
    contact_id: UUID
    source: str
    received_at: datetime


class AttachedRow(NamedTuple):
    """What it became."""

    submission_id: UUID
    activity_id: UUID


KEEP = bulk.insert(Resubmission, ResubmissionRow, on_conflict=bulk.keep("submission_id"))
ATTACH = bulk.update(Resubmission, AttachedRow, key=("submission_id",))
FORGET = "DELETE FROM resubmissions WHERE submission_id = ANY($1::uuid[])"
