"""Opening cycles and following what the other services say about them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.marketing.funnel.lifecycle import queries, rules
from services.marketing.funnel.lifecycle.rules import Change, Cycle, CycleKey, Stage, Step
from services.marketing.funnel.lifecycle.writes import FORGET, OPEN, REST, SAVE, OpenCycle, RestedCycle
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


async def follow(
    session: AsyncSession, changes: Sequence[Change], *, now: datetime
) -> Mapping[CycleKey, Cycle]:
    """Apply what was said about cycles, at most one change each. Answers them as they were, locked.

    A cycle nobody knows is passed over.
    """
    if not changes:
        return {}
    known = await queries.lock_cycles(session, [CycleKey(change.lead_id, change.cycle) for change in changes])
    followed: list[Cycle] = []
    steps: list[Step] = []
    for change in changes:
        cycle = known.get(CycleKey(change.lead_id, change.cycle))
        after = rules.follow(cycle, change) if cycle else None
        if after is None:
            continue
        followed.append(after)
        steps += rules.steps_of(change, after)
    if followed:
        await SAVE(await driver(session), cycles=followed, steps=steps, recorded_at=now)
    return known


async def rest(session: AsyncSession, cycles: Sequence[RestedCycle]) -> None:
    """Let these cycles rest on other submissions. The caller holds the lock on their leads."""
    await REST(await driver(session), cycles)


@dataclass(frozen=True, slots=True)
class Told:
    """What one service says of a cycle: its facts, and the stages its news lead to."""

    facts: Mapping[str, Any]
    stages: tuple[Stage, ...]


OF_SALES = Told(
    dict.fromkeys(("deal_id", "sql_at", "opportunity_at", "closed_at", "outcome", "close_reason")),
    (Stage.SQL, Stage.OPPORTUNITY, Stage.CUSTOMER, Stage.LOST, Stage.DISQUALIFIED),
)
OF_HANDOFF = Told(
    {
        "handoff_version": 0,
        **dict.fromkeys(("rep_id", "assigned_at", "accepted_at", "returned_at", "return_reason")),
    },
    (Stage.SAL, Stage.RECYCLED),
)


async def forget(session: AsyncSession, keys: Collection[CycleKey], told: Told) -> None:
    """Let these cycles be as if that service had said nothing of them, and their logs, too."""
    known = await queries.lock_cycles(session, sorted(keys))
    cycles = [replace(cycle, **told.facts) for cycle in known.values()]
    if not cycles:
        return
    connection = await driver(session)
    await SAVE(connection, cycles=cycles, steps=[], recorded_at=None)
    await FORGET(connection, keys=list(known), stages=[stage.value for stage in told.stages])
