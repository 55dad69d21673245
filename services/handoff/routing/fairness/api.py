"""Due against received, proven from the ledger."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends

from services.handoff.routing.access import FAIRNESS
from services.handoff.routing.fairness import queries, use_cases
from services.handoff.routing.fairness.rules import UNIT
from services.handoff.routing.fairness.schemas import FairnessReport, LedgerView, Proof, RepShare
from services.handoff.routing.fairness.use_cases import Proven
from services.handoff.staff.reps.tables import Team
from shared.http.service import Caller, Transaction, router

fairness = router("/v1/reports/fairness", tags=["reports"])

Reader = Annotated[Caller, Depends(FAIRNESS.read)]
WRONG_SHOWN = 100


@fairness.get("")
async def show_fairness(session: Transaction, caller: Reader, team_id: UUID | None = None) -> FairnessReport:
    """Who got what they were due, ledger by ledger, and the proof by replaying every turn."""
    await queries.one_moment(session)
    found = await queries.ledgers_of(session, caller, team_id)
    names = await queries.rep_names(session)
    views = [_view(team, await use_cases.prove(session, (team.id, band)), names) for team, band in found]
    return FairnessReport(ledgers=views)


def _view(team: Team, proven: Proven, names: dict[UUID, str]) -> LedgerView:
    shares = sorted(proven.stored.shares.values(), key=lambda share: -share.level)
    replay = proven.replay
    return LedgerView(
        team_id=team.id,
        team_name=team.name,
        band=proven.stored.band,
        reps=[
            RepShare(
                rep_id=share.rep_id,
                display_name=names[share.rep_id],
                due=_leads(share.due),
                received=_leads(share.received),
                level=_leads(share.level),
            )
            for share in shares
        ],
        largest_deviation=_leads(max((abs(share.level) for share in shares), default=0)),
        proof=Proof(
            turns=replay.counted,
            holds=proven.holds,
            wrong_turns=replay.wrong[:WRONG_SHOWN],
            most_ahead=_leads(-replay.most_ahead),
            most_behind=_leads(replay.most_behind),
        ),
    )


def _leads(units: int) -> float:
    return round(units / UNIT, 6)
