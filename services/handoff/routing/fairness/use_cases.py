"""The proof of fairness: read every turn again and check each choice."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from services.handoff.routing.fairness import queries
from services.handoff.routing.fairness.rules import Ledger, LedgerKey, Replay

PAGE = 5000


@dataclass(frozen=True, slots=True)
class Proven:
    """A ledger as it stands and as its turns alone say it should."""

    stored: Ledger
    replay: Replay

    @property
    def holds(self) -> bool:
        return not self.replay.wrong and self.stored.standings == self.replay.ledger.standings


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
