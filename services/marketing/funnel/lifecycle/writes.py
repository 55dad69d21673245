"""The set-based writes of cycles: each in one statement with the lines it adds to the log."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.marketing.funnel.lifecycle.rules import Backfill, Cycle, Stage, Step
from services.marketing.funnel.lifecycle.tables import LeadCycle, LifecycleEntry
from shared.database import bulk


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCycle:
    """A cycle at its start, or at the arrival that qualified it: then the arrival's facts are its own."""

    lead_id: UUID
    cycle: int
    stage: Stage
    source: str
    channel: str
    campaign_id: UUID | None
    submission_id: UUID | None
    received_at: datetime
    qualified_at: datetime | None
    backfill: Backfill | None = None


LOG = bulk.insert(
    LifecycleEntry,
    Step,
    only=("lead_id", "cycle", "stage", "at", "reason"),
    constants=("recorded_at",),
    on_conflict=bulk.keep(),
)
OPEN = bulk.together(
    cycles=bulk.insert(LeadCycle, OpenCycle, on_conflict=bulk.replace("lead_id", "cycle")), steps=LOG
)
FOLLOWED = (
    "lead_id", "cycle", "stage", "handoff_version", "rep_id", "assigned_at", "accepted_at", "returned_at",
    "return_reason", "deal_id", "sql_at", "opportunity_at", "closed_at", "outcome", "close_reason",
)  # fmt: skip
SAVE = bulk.together(cycles=bulk.update(LeadCycle, Cycle, only=FOLLOWED, key=("lead_id", "cycle")), steps=LOG)
