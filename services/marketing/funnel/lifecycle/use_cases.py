"""Opening cycles and following what the other services say about them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.marketing.funnel.lifecycle import queries, rules
from services.marketing.funnel.lifecycle.rules import Change, Cycle, Stage, Step
from shared.database.sessions import driver

# The lines a cycle's change adds to the log, in one statement with it; $1 is the time.
LOG = """
INSERT INTO lifecycle_log (lead_id, cycle, stage, at, reason, recorded_at)
SELECT l, c, s, a, r, $1
FROM unnest($2::uuid[], $3::smallint[], $4::text[], $5::timestamptz[], $6::text[]) AS x(l, c, s, a, r)
ON CONFLICT DO NOTHING
"""
OPEN = f"""
WITH opened AS (
    INSERT INTO lead_cycles (lead_id, cycle, stage, source, channel, campaign_id, submission_id,
                             received_at, qualified_at)
    SELECT * FROM unnest($7::uuid[], $8::smallint[], $9::text[], $10::text[], $11::text[], $12::uuid[],
                         $13::uuid[], $14::timestamptz[], $15::timestamptz[])
    ON CONFLICT (lead_id, cycle) DO UPDATE SET
        stage = excluded.stage, source = excluded.source, channel = excluded.channel,
        campaign_id = excluded.campaign_id, submission_id = excluded.submission_id,
        received_at = excluded.received_at, qualified_at = excluded.qualified_at
) {LOG}"""
SAVE = f"""
WITH saved AS (
    UPDATE lead_cycles t
    SET stage = x.stage, handoff_version = x.handoff_version, rep_id = x.rep_id, assigned_at = x.assigned_at,
        accepted_at = x.accepted_at, returned_at = x.returned_at, return_reason = x.return_reason,
        deal_id = x.deal_id, sql_at = x.sql_at, opportunity_at = x.opportunity_at, closed_at = x.closed_at,
        outcome = x.outcome, close_reason = x.close_reason
    FROM unnest($7::uuid[], $8::smallint[], $9::text[], $10::bigint[], $11::uuid[], $12::timestamptz[],
                $13::timestamptz[], $14::timestamptz[], $15::text[], $16::uuid[], $17::timestamptz[],
                $18::timestamptz[], $19::timestamptz[], $20::text[], $21::text[])
         AS x(lead_id, cycle, stage, handoff_version, rep_id, assigned_at, accepted_at, returned_at,
              return_reason, deal_id, sql_at, opportunity_at, closed_at, outcome, close_reason)
    WHERE (t.lead_id, t.cycle) = (x.lead_id, x.cycle)
) {LOG}"""


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


async def open_cycles(
    session: AsyncSession, cycles: Sequence[OpenCycle], steps: Sequence[Step], *, now: datetime
) -> None:
    """Write cycles that began or qualified, and their lines in the log; a line that is there already stays.

    The caller holds the lock on their leads.
    """
    if not cycles:
        return
    connection = await driver(session)
    await connection.execute(
        OPEN,
        *_columns_of(steps, now),
        [cycle.lead_id for cycle in cycles],
        [cycle.cycle for cycle in cycles],
        [cycle.stage for cycle in cycles],
        [cycle.source for cycle in cycles],
        [cycle.channel for cycle in cycles],
        [cycle.campaign_id for cycle in cycles],
        [cycle.submission_id for cycle in cycles],
        [cycle.received_at for cycle in cycles],
        [cycle.qualified_at for cycle in cycles],
    )


def _columns_of(steps: Sequence[Step], now: datetime) -> Iterator[object]:
    """The first six parameters of both statements."""
    yield now
    yield [step.lead_id for step in steps]
    yield [step.cycle for step in steps]
    yield [step.stage for step in steps]
    yield [step.at for step in steps]
    yield [step.reason for step in steps]


async def follow(session: AsyncSession, changes: Sequence[Change], *, now: datetime) -> None:
    """Apply what was said about cycles, at most one change each. A cycle nobody knows is passed over."""
    if not changes:
        return
    known = await queries.lock_cycles(session, [(change.lead_id, change.cycle) for change in changes])
    followed: list[Cycle] = []
    steps: list[Step] = []
    for change in changes:
        cycle = known.get((change.lead_id, change.cycle))
        after = rules.follow(cycle, change) if cycle else None
        if after is None:
            continue
        followed.append(after)
        step = rules.step_of(change, after)
        if step is not None:
            steps.append(step)
    if followed:
        await _save(session, followed, steps, now=now)


async def _save(
    session: AsyncSession, cycles: Sequence[Cycle], steps: Sequence[Step], *, now: datetime
) -> None:
    connection = await driver(session)
    await connection.execute(
        SAVE,
        *_columns_of(steps, now),
        [cycle.lead_id for cycle in cycles],
        [cycle.cycle for cycle in cycles],
        [rules.stage_of(cycle) for cycle in cycles],
        [cycle.handoff_version for cycle in cycles],
        [cycle.rep_id for cycle in cycles],
        [cycle.assigned_at for cycle in cycles],
        [cycle.accepted_at for cycle in cycles],
        [cycle.returned_at for cycle in cycles],
        [cycle.return_reason for cycle in cycles],
        [cycle.deal_id for cycle in cycles],
        [cycle.sql_at for cycle in cycles],
        [cycle.opportunity_at for cycle in cycles],
        [cycle.closed_at for cycle in cycles],
        [cycle.outcome for cycle in cycles],
        [cycle.close_reason for cycle in cycles],
    )
