"""What handoff does when marketing takes leads back: their rows, offers and turns, read and written here."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.handoff.routing.allocation.handlers import FIRST_OFFER
from services.handoff.routing.allocation.rules import OPEN_STATES
from services.handoff.routing.allocation.tables import Assignment, Lead
from services.handoff.routing.allocation.use_cases import allocate
from services.handoff.routing.allocation.writes import KEY, LeadKey
from services.handoff.routing.fairness.rules import UndoneTurn
from shared.database import bulk
from shared.database.sessions import driver
from shared.events.envelope import Event
from shared.events.marketing import LeadQualified, LeadWithdrawn
from shared.messaging.foreign import FOREIGN
from shared.messaging.subscriptions import Context


class WithdrawnRow(NamedTuple):
    """A cycle that marketing took back."""

    lead_id: UUID
    cycle: int
    withdrawn_at: datetime
    withdrawn_because: str


MARK_WITHDRAWN = bulk.update(Lead, WithdrawnRow, key=KEY)
END_WITHDRAWN = bulk.update(
    Lead,
    LeadKey,
    key=KEY,
    constants=("ended_at",),
    computed={"state": "'withdrawn'", "end_reason": "'withdrawn'", "wait_until": "NULL"},
)
CLOSE_WITHDRAWN = bulk.update(
    Assignment,
    LeadKey,
    key=KEY,
    constants=("answered_at",),
    computed={"state": "'closed'", "reason": "'withdrawn'"},
    where="t.state = 'offered'",
    returning=("rep_id",),
)
GIVE_BACK = bulk.update(
    Lead,
    LeadKey,
    key=KEY,
    computed={
        "withdrawn_at": "NULL",
        "withdrawn_because": "NULL",
        "state": "CASE t.state WHEN 'withdrawn' THEN 'pool' ELSE t.state END",
        "wait_until": "CASE t.state WHEN 'withdrawn' THEN now() ELSE t.wait_until END",
        "ended_at": "CASE t.state WHEN 'withdrawn' THEN NULL ELSE t.ended_at END",
        "end_reason": "CASE t.state WHEN 'withdrawn' THEN NULL ELSE t.end_reason END",
    },
    where="t.withdrawn_at IS NOT NULL",
)
LOCK_CYCLES = bulk.Statement(
    "SELECT lead_id, cycle, state FROM leads WHERE (lead_id, cycle) IN (SELECT * FROM {keys}) "
    "ORDER BY lead_id, cycle FOR UPDATE",
    keys=bulk.Rows(Lead, LeadKey),
)
# Every offer of them whose turn nobody was given back yet: of a decline that cost nothing, it was.
TURNS_OF = bulk.Statement(
    """
SELECT a.team_id, a.band, a.turn FROM assignments a
WHERE (a.lead_id, a.cycle) IN (SELECT * FROM {keys}) AND NOT EXISTS (
    SELECT FROM turns t WHERE t.team_id = a.team_id AND t.band = a.band AND t.number > a.turn
      AND t.kind = 'credited_back' AND t.lead_id = a.lead_id AND t.rep_id = coalesce(a.offered_to, a.rep_id)
)
""",
    keys=bulk.Rows(Lead, LeadKey),
)


async def lock_cycles(session: AsyncSession, keys: Collection[LeadKey]) -> dict[LeadKey, str]:
    """The state of each of these cycles that is known; their rows stay locked."""
    rows = await LOCK_CYCLES(await driver(session), keys=keys)
    return {LeadKey(row["lead_id"], row["cycle"]): row["state"] for row in rows}


async def turns_of(session: AsyncSession, keys: Collection[LeadKey]) -> list[UndoneTurn]:
    """The turns these leads took in these cycles, as far as they still count."""
    return [UndoneTurn(*row) for row in await TURNS_OF(await driver(session), keys=keys)]


async def withdraw_leads(context: Context, events: Sequence[LeadWithdrawn]) -> None:
    """Marketing takes leads back: those nobody has accepted end, as if they had never been offered.

    Their reps have a place more and their turns again, and the dues of all who were eligible are as before.
    An accepted one is only marked: it ends with its deal. No report counts any of them.
    """
    session = context.session
    told = {LeadKey(event.lead_id, event.cycle): event for event in events}
    known = await lock_cycles(session, list(told))
    rows = [WithdrawnRow(*key, told[key].withdrawn_at, told[key].reason) for key in known]
    ended = [key for key, state in known.items() if state in OPEN_STATES]
    undone = await turns_of(session, ended)
    freed = await withdraw(session, rows, ended, now=context.now)
    if freed or undone:
        await allocate(session, [], now=context.now, hop_cap=FIRST_OFFER, freed=freed, undone=undone)


async def forget_leads(context: Context, forged: Sequence[Event], true: Sequence[Event]) -> set[str]:
    """Take back leads that marketing never told of, and give back those it never took.

    The rows of the former stay, as their turns and offers do: they are marked, and count nowhere.
    """
    qualified = {(one.lead_id, one.cycle) for one in true if isinstance(one, LeadQualified)}
    taken = {(one.lead_id, one.cycle) for one in true if isinstance(one, LeadWithdrawn)}
    made_up = {
        (one.lead_id, one.cycle): LeadWithdrawn(
            version=1, lead_id=one.lead_id, cycle=one.cycle, reason=FOREIGN, withdrawn_at=context.now
        )
        for one in forged
        if isinstance(one, LeadQualified) and (one.lead_id, one.cycle) not in qualified
    }
    wrong = [
        LeadKey(one.lead_id, one.cycle)
        for one in forged
        if isinstance(one, LeadWithdrawn) and (one.lead_id, one.cycle) in qualified - taken
    ]
    await withdraw_leads(context, list(made_up.values()))
    await give_back(context.session, wrong)
    return set()


async def withdraw(
    session: AsyncSession, rows: Sequence[WithdrawnRow], open_ones: Sequence[LeadKey], *, now: datetime
) -> list[UUID]:
    """Mark these cycles as taken back, and end those nobody has accepted, with their offers. Returns the reps
    freed.
    """
    connection = await driver(session)
    await MARK_WITHDRAWN(connection, rows)
    await END_WITHDRAWN(connection, open_ones, ended_at=now)
    return [row["rep_id"] for row in await CLOSE_WITHDRAWN(connection, open_ones, answered_at=now)]


async def give_back(session: AsyncSession, keys: Sequence[LeadKey]) -> None:
    """These cycles were not taken back after all. Those that had ended so wait in the pool."""
    await GIVE_BACK(await driver(session), keys)
