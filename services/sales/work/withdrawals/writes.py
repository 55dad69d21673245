"""The set-based write of leads that were taken back."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.sales.work.activities.rules import OfCycle
from services.sales.work.withdrawals.tables import WithdrawnLead
from shared.database import bulk


@dataclass(frozen=True, slots=True)
class WithdrawnRow:
    """A cycle of a lead, why it was taken back and when."""

    lead_id: UUID
    cycle: int
    reason: str
    withdrawn_at: datetime


REMEMBER = bulk.insert(WithdrawnLead, WithdrawnRow, on_conflict=bulk.keep("lead_id", "cycle"))
FORGET = bulk.Statement(
    "DELETE FROM withdrawn_leads WHERE (lead_id, cycle) IN (SELECT * FROM {keys})",
    keys=bulk.Rows(WithdrawnLead, OfCycle),
)
