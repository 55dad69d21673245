"""Asking a colleague to take a deal, and their answer."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.sales.selling.access import DEALS
from services.sales.selling.deals.queries import lock_deal
from services.sales.selling.deals.rules import OPEN
from services.sales.selling.deals.use_cases import take
from services.sales.work.access import HAND_OVERS
from services.sales.work.activities.queries import activities_of
from services.sales.work.hand_overs import queries
from services.sales.work.hand_overs.rules import refusal
from services.sales.work.hand_overs.schemas import HandOverForm
from services.sales.work.hand_overs.tables import HandOver
from services.sales.work.owners.use_cases import give
from shared import clock
from shared.auth.access import Caller
from shared.database.sessions import database_time
from shared.errors import ConflictError, FieldError, InvalidError, NotFoundError


async def ask(
    session: AsyncSession, caller: Caller, deal_id: UUID, form: HandOverForm, *, now: datetime
) -> HandOver:
    """Raises what `take` does, ConflictError, InvalidError."""
    deal = await take(session, caller, deal_id, DEALS.change)
    if deal.state != OPEN:
        raise ConflictError(f"The deal is {deal.state}; only an open one is handed over.")
    pending = await queries.asked_for(session, deal.id)
    if pending is not None and pending.from_rep_id == deal.rep_id:
        raise ConflictError("Somebody is asked already; withdraw that first.")
    if pending is not None:  # by who had the deal before: it asks for nothing any more
        _answer(pending, "withdrawn", None, now)
        await session.flush()
    rep = await queries.colleague(session, form.to_rep_id)
    if rep is None or rep.id == deal.rep_id:
        raise InvalidError(
            "They can't be asked.", errors=[_fault("/to_rep_id", "Not an active rep other than its own.")]
        )
    if form.activity_id is not None:
        planned = {one.id for one in await activities_of(session, deal.id)}
        if form.activity_id not in planned:
            raise InvalidError(
                "Which meeting?", errors=[_fault("/activity_id", "Not an activity of this deal.")]
            )
    asked = HandOver(
        id=clock.new_id(await database_time(session)),
        deal_id=deal.id,
        from_rep_id=deal.rep_id,
        to_rep_id=rep.id,
        activity_id=form.activity_id,
        note=form.note,
        state="asked",
        asked_at=now,
    )
    session.add(asked)
    await session.flush()
    await session.refresh(asked)
    return asked


async def accept(session: AsyncSession, caller: Caller, hand_over_id: UUID, *, now: datetime) -> HandOver:
    """The deal is the colleague's from now on, with all that goes with it. Raises ConflictError."""
    deal_id = await queries.deal_of(session, hand_over_id)
    if deal_id is None:
        raise NotFoundError(f"No hand-over {hand_over_id}.")
    deal = await lock_deal(session, deal_id)  # first, as who asks does: else they wait for each other
    asked = await _take(session, caller, hand_over_id)
    rep = await queries.colleague(session, asked.to_rep_id)
    why_not = refusal(
        asked.state, deal_is_open=deal.state == OPEN, still_theirs=deal.rep_id == asked.from_rep_id
    )
    if why_not is not None or rep is None:
        raise ConflictError(why_not or "Who was asked is no active rep any more.")
    await give(session, [(deal, rep)], by=caller.subject, why=asked.note, now=now)
    return _answer(asked, "accepted", None, now)


async def decline(
    session: AsyncSession, caller: Caller, hand_over_id: UUID, reason: str, *, now: datetime
) -> HandOver:
    """The deal stays where it is. Raises ConflictError."""
    asked = await _take(session, caller, hand_over_id)
    _insist_on_asked(asked)
    return _answer(asked, "declined", reason, now)


async def withdraw(session: AsyncSession, caller: Caller, hand_over_id: UUID, *, now: datetime) -> HandOver:
    """Who asked asks no more. Raises ConflictError."""
    asked = await _take(session, caller, hand_over_id, by_who_asked=True)
    _insist_on_asked(asked)
    return _answer(asked, "withdrawn", None, now)


async def _take(
    session: AsyncSession, caller: Caller, hand_over_id: UUID, *, by_who_asked: bool = False
) -> HandOver:
    asked = await queries.locked(session, caller, hand_over_id, by_who_asked=by_who_asked)
    if asked is None:
        if await queries.is_visible(session, caller, hand_over_id):
            raise HAND_OVERS.change.beyond(caller)
        raise NotFoundError(f"No hand-over {hand_over_id}.")
    return asked


def _insist_on_asked(asked: HandOver) -> None:
    if asked.state != "asked":
        raise ConflictError(f"It is {asked.state} already.")


def _answer(asked: HandOver, state: str, reason: str | None, now: datetime) -> HandOver:
    asked.state, asked.reason, asked.answered_at = state, reason, now
    return asked


def _fault(pointer: str, detail: str) -> FieldError:
    return {"pointer": pointer, "detail": detail}
