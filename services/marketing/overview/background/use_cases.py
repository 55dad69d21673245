"""What came before, put together for each person asked for."""

from collections.abc import Collection, Mapping
from uuid import UUID

import orjson
from asyncpg import Record
from sqlalchemy.ext.asyncio import AsyncSession

from services.marketing.funnel.scoring import queries as scoring
from services.marketing.overview.background import queries
from shared.clients.backgrounds import Background, DealBeside, Enquiry, LeadScore, MetBefore, ScoreReason

Points = Mapping[tuple[int, str], int]


async def backgrounds(session: AsyncSession, contact_ids: Collection[UUID]) -> dict[UUID, Background]:
    """Of every one of these people, whether anything came before or not."""
    if not contact_ids:
        return {}
    enquiries = await queries.enquiries(session, contact_ids)
    touches = await queries.touches(session, contact_ids)
    scores = await queries.scores(session, contact_ids)
    deals = await queries.deals(session, contact_ids)
    points = await scoring.points(session, {row["model"] for row in scores.values() if row["model"]})
    return {
        contact_id: Background(
            enquiries=tuple(_enquiry(row) for row in enquiries.get(contact_id, ())),
            score=_score(row, points),
            touches=tuple(MetBefore(**row) for row in touches.get(contact_id, ())),
            touches_in_all=row["touches_in_all"],
            deals=tuple(DealBeside(**row) for row in deals.get(contact_id, ())),
        )
        for contact_id, row in scores.items()
    }


def _enquiry(row: Record) -> Enquiry:
    return Enquiry(**{**row, "wrote": orjson.loads(row["wrote"] or "{}")})


def _score(row: Record, points: Points) -> LeadScore | None:
    if row["model"] is None:
        return None
    reasons = [ScoreReason(code=code, points=points.get((row["model"], code))) for code in row["reasons"]]
    return LeadScore(**{**row, "reasons": tuple(reasons)})
