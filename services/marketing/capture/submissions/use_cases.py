"""Processing again what was set aside, rejected or unreadable."""

from uuid import UUID

from sqlalchemy import and_, case, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.elements import ColumnElement

from services.marketing.capture.deliveries.schemas import ReplayedView
from services.marketing.capture.deliveries.tables import Delivery
from services.marketing.capture.deliveries.use_cases import replay_deliveries
from services.marketing.capture.submissions import queries
from services.marketing.capture.submissions.schemas import ReplayFilter
from services.marketing.capture.submissions.tables import Submission
from shared.errors import ConflictError, NotFoundError

REPLAYABLE = ("quarantined", "rejected")


async def replay_submission(session: AsyncSession, submission_id: UUID) -> Submission:
    """Process one again. Raises ConflictError for one that became a lead, or still waits."""
    row = await queries.submission(session, submission_id, lock=True)
    if row is None:
        raise NotFoundError("There is no submission with this id.")
    if row.state not in REPLAYABLE:
        raise ConflictError(f"The submission is {row.state}; only a quarantined or rejected one is replayed.")
    await _replay_submissions(session, [submission_id])
    await session.refresh(row)
    return row


async def replay_matching(session: AsyncSession, wanted: ReplayFilter) -> ReplayedView:
    """Process again all that fit, the oldest first."""
    table = Delivery if wanted.state == "unreadable" else Submission
    conditions: list[ColumnElement[bool]] = [table.state == wanted.state]
    if wanted.reason is not None:
        conditions.append(table.reason == wanted.reason)
    if wanted.door is not None:
        conditions.append(table.door == wanted.door)
    if wanted.source_id is not None:
        conditions.append(table.source_id == wanted.source_id)
    if wanted.received_from is not None:
        conditions.append(table.received_at >= wanted.received_from)
    if wanted.received_to is not None:
        conditions.append(table.received_at < wanted.received_to)
    query = select(table.id).where(and_(*conditions)).order_by(table.id).limit(wanted.limit + 1)
    ids = list((await session.scalars(query.with_for_update(skip_locked=True))).all())
    chosen = ids[: wanted.limit]
    again = replay_deliveries if table is Delivery else _replay_submissions
    return ReplayedView(replayed=await again(session, chosen) if chosen else 0, more=len(ids) > wanted.limit)


async def _replay_submissions(session: AsyncSession, ids: list[UUID]) -> int:
    """What a person set free is not held back by signs of spam again; Meta's details are asked for anew."""
    asks = and_(Submission.door == "meta", Submission.details.is_(None))
    useless = and_(Submission.door == "meta", func.coalesce(Submission.reason, "").like("details_%"))
    result = await session.execute(
        update(Submission)
        .where(Submission.id.in_(ids), Submission.state.in_(REPLAYABLE))
        .values(
            state="pending",
            waits_for=case((or_(asks, useless), "details"), else_="processing"),
            next_attempt_at=case((or_(asks, useless), func.now()), else_=None),
            details=case((useless, None), else_=Submission.details),
            attempts=0,
            released=or_(Submission.released, Submission.state == "quarantined"),
            reason=None,
            detail=None,
            settled_at=None,
        )
        .returning(Submission.id)
    )
    return len(result.all())
