"""Opening cycles and following what the other services say about them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.marketing.funnel.lifecycle import queries, rules
from services.marketing.funnel.lifecycle.queries import CycleKey
from services.marketing.funnel.lifecycle.rules import Change, Cycle, Step
from services.marketing.funnel.lifecycle.writes import OPEN, SAVE, OpenCycle
from shared.database.sessions import driver


async def open_cycles(
    session: AsyncSession, cycles: Sequence[OpenCycle], steps: Sequence[Step], *, now: datetime
) -> None:
    """Write cycles that began or qualified, and their lines in the log; a line that is there already stays.

    The caller holds the lock on their leads.
    """
    if not cycles:
        return
    await OPEN(await driver(session), cycles=cycles, steps=steps, recorded_at=now)


async def follow(session: AsyncSession, changes: Sequence[Change], *, now: datetime) -> None:
    """Apply what was said about cycles, at most one change each. A cycle nobody knows is passed over."""
    if not changes:
        return
    known = await queries.lock_cycles(session, [CycleKey(change.lead_id, change.cycle) for change in changes])
    followed: list[Cycle] = []
    steps: list[Step] = []
    for change in changes:
        cycle = known.get(CycleKey(change.lead_id, change.cycle))
        after = rules.follow(cycle, change) if cycle else None
        if after is None:
            continue
        followed.append(after)
        step = rules.step_of(change, after)
        if step is not None:
            steps.append(step)
    if followed:
        await SAVE(await driver(session), cycles=followed, steps=steps, recorded_at=now)
