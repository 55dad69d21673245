"""The ledger under its lock, and the proof of fairness: read every turn again and check each choice."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from services.handoff.routing.fairness import queries, rules, writes
from services.handoff.routing.fairness.rules import Ledger, LedgerKey, Replay, UndoneTurn

PAGE = 5000


async def lock_ledgers(session: AsyncSession, keys: Sequence[LedgerKey]) -> dict[LedgerKey, Ledger]:
    """These ledgers with their shares. The rows stay locked: workers allocate one after the other.

    Always taken in the same order, and after the leads' rows, against deadlocks.
    """
    ledgers = await queries.lock_ledgers(session, keys)
    if len(ledgers) < len(keys):  # a team's first lead
        await writes.begin_ledgers(session, keys)
        ledgers = await queries.lock_ledgers(session, keys)
    # A statement of its own: its snapshot is taken after the locks were got.
    await queries.read_shares(session, ledgers)
    return ledgers


async def credit_back(
    session: AsyncSession, ledgers: Mapping[LedgerKey, Ledger], undone: Sequence[UndoneTurn]
) -> None:
    """Undo these turns in their ledgers, which are locked. Writes nothing yet."""
    if not undone:
        return
    turns = await queries.turns_by_number(session, undone)
    panels = await queries.panels_by_id(session, {turn.panel_id for turn in turns if turn.panel_id})
    for turn in turns:
        if turn.panel_id and turn.lead_id:
            ledger = ledgers[turn.team_id, turn.band]
            rules.credit_back(ledger, panels[turn.panel_id], turn.lead_id, turn.rep_id)


@dataclass(frozen=True, slots=True)
class Proven:
    """A ledger as it stands and as its turns alone say it should."""

    stored: Ledger
    replay: Replay

    @property
    def holds(self) -> bool:
        return not self.replay.wrong and self.stored.shares == self.replay.ledger.shares


async def prove(session: AsyncSession, key: LedgerKey) -> Proven:
    """Replay one ledger, as of one moment: what commits meanwhile is left out."""
    stored = await queries.ledger(session, key)
    replay = Replay(Ledger(*key))
    while replay.ledger.number < stored.number:
        turns = await queries.turns_after(session, key, replay.ledger.number, PAGE)
        turns = [turn for turn in turns if turn.number <= stored.number]
        if not turns:
            break
        panels = await queries.panels_by_id(session, {turn.panel_id for turn in turns if turn.panel_id})
        replay.follow(turns, panels)
    return Proven(stored, replay)
