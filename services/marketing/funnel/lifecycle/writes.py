"""The set-based writes of cycles: each in one statement with the lines it adds to the log."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from services.marketing.funnel.lifecycle.rules import Backfill, Cycle, CycleKey, Stage, Step
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


class MovedCycle(NamedTuple):
    """A submission whose touch a campaign has claimed: the cycle it began or qualified is that campaign's."""

    lead_id: UUID
    submission_id: UUID
    campaign_id: UUID
    channel: str


class RestedCycle(NamedTuple):
    """Another submission that a cycle rests on, after its own was taken back or has come again."""

    lead_id: UUID
    cycle: int
    source: str
    channel: str
    campaign_id: UUID | None
    submission_id: UUID
    received_at: datetime


MOVE_CYCLES = bulk.Statement(
    """
WITH x AS (SELECT * FROM {moved}),
before AS (
    SELECT c.lead_id, c.cycle, c.channel, c.qualified_at, x.campaign_id, x.channel AS new_channel
    FROM lead_cycles c JOIN x ON c.lead_id = x.lead_id AND c.submission_id = x.submission_id
    WHERE c.campaign_id IS NULL
)
UPDATE lead_cycles c SET campaign_id = b.campaign_id, channel = b.new_channel
FROM before b WHERE c.lead_id = b.lead_id AND c.cycle = b.cycle
RETURNING c.lead_id, c.cycle, b.qualified_at, b.channel, b.campaign_id, b.new_channel
""",
    moved=bulk.Rows(LeadCycle, MovedCycle),
)
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
    "lead_id", "cycle", "stage", "withdrawn_at", "handoff_version", "rep_id", "assigned_at", "accepted_at",
    "returned_at", "return_reason", "deal_id", "sql_at", "opportunity_at", "closed_at", "outcome",
    "close_reason",
)  # fmt: skip
SAVE = bulk.together(cycles=bulk.update(LeadCycle, Cycle, only=FOLLOWED, key=("lead_id", "cycle")), steps=LOG)
REST = bulk.update(LeadCycle, RestedCycle, key=("lead_id", "cycle"))
FORGET = bulk.Statement(
    "DELETE FROM lifecycle_log WHERE (lead_id, cycle) IN (SELECT * FROM {keys}) AND stage = ANY({stages})",
    keys=bulk.Rows(LeadCycle, CycleKey),
    stages="text[]",
)
