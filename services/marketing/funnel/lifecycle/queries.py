"""Every SELECT on cycles and the lifecycle log."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.marketing.funnel.lifecycle.rules import Backfill, Cycle, CycleKey, CycleOrigin, Stage, Step
from services.marketing.funnel.lifecycle.tables import LeadCycle
from shared.database import bulk
from shared.database.sessions import driver

# In the order of the key, so that two batches that share leads take turns instead of deadlocking.
LOCK = bulk.Statement(
    """
SELECT lead_id, cycle, qualified_at, withdrawn_at, handoff_version, rep_id, assigned_at, accepted_at,
       returned_at, return_reason, deal_id, sql_at, opportunity_at, closed_at, outcome, close_reason
FROM lead_cycles
WHERE (lead_id, cycle) IN (SELECT * FROM {keys})
ORDER BY lead_id, cycle FOR UPDATE
""",
    keys=bulk.Rows(LeadCycle, CycleKey),
)
STAGES = bulk.Statement(
    "SELECT lead_id, stage, backfill FROM lead_cycles WHERE (lead_id, cycle) IN (SELECT * FROM {keys})",
    keys=bulk.Rows(LeadCycle, CycleKey),
)
# With what each began with, or was qualified by.
OF_LEADS = """
SELECT lead_id, cycle, stage, submission_id, campaign_id, channel, received_at, qualified_at, withdrawn_at
FROM lead_cycles WHERE lead_id = ANY($1::uuid[]) ORDER BY lead_id, cycle FOR UPDATE
"""
STEPS = "SELECT lead_id, cycle, stage, at, reason, recorded_at FROM lifecycle_log WHERE lead_id = $1"


async def lock_cycles(session: AsyncSession, keys: Sequence[CycleKey]) -> dict[CycleKey, Cycle]:
    """These cycles by lead and number, locked. One nobody knows is not in the answer."""
    rows = await LOCK(await driver(session), keys=keys)
    return {CycleKey(row["lead_id"], row["cycle"]): Cycle(**row) for row in rows}


async def cycles_of(session: AsyncSession, lead_ids: Sequence[UUID]) -> dict[UUID, list[CycleOrigin]]:
    """All cycles of these leads, locked, the first one first."""
    found: dict[UUID, list[CycleOrigin]] = {}
    for lead_id, cycle, stage, *rest in await (await driver(session)).fetch(OF_LEADS, lead_ids):
        found.setdefault(lead_id, []).append(CycleOrigin(cycle, Stage(stage), *rest))
    return found


async def stages(
    session: AsyncSession, keys: Sequence[CycleKey]
) -> dict[UUID, tuple[Stage, Backfill | None]]:
    """The stage of each lead in the given cycle, and whether something of the past qualified it."""
    rows = await STAGES(await driver(session), keys=keys)
    return {row["lead_id"]: (Stage(row["stage"]), row["backfill"]) for row in rows}


async def steps(session: AsyncSession, lead_id: UUID) -> list[Step]:
    connection = await driver(session)
    return [Step(row[0], row[1], Stage(row[2]), *row[3:]) for row in await connection.fetch(STEPS, lead_id)]


async def keys_of(session: AsyncSession, lead_ids: Sequence[UUID]) -> set[CycleKey]:
    """Every cycle of these leads."""
    rows = await (await driver(session)).fetch(
        "SELECT lead_id, cycle FROM lead_cycles WHERE lead_id = ANY($1::uuid[])", list(lead_ids)
    )
    return {CycleKey(*row) for row in rows}
