"""The handshake over HTTP. A rep sees and answers their own offers, a manager sees those of their teams."""

from collections.abc import Sequence
from typing import Annotated, Any, cast
from uuid import UUID

from fastapi import Depends, Query, Request, Response
from fastapi.responses import JSONResponse

from services.handoff.handshake.access import ANSWERS, ASSIGNMENTS, POOL, REASSIGNMENTS, RETURNS
from services.handoff.handshake.assignments import queries, use_cases
from services.handoff.handshake.assignments.rules import PoolState, State, state_at
from services.handoff.handshake.assignments.schemas import (
    AssignmentView,
    Decline,
    FirstResponse,
    LeadView,
    PoolView,
    Reassignment,
    Return,
    TraceView,
)
from services.handoff.handshake.assignments.use_cases import Held
from services.handoff.routing.allocation.tables import Assignment, Lead
from services.handoff.settings import Settings
from shared.clients.contact_cards import ContactCard, ContactCards, HeldLead
from shared.database.sessions import database_time
from shared.errors import NotFoundError
from shared.http.paging import Order, Page, Paging
from shared.http.service import Caller, Transaction, afterwards, release, router

assignments = router("/v1/assignments", tags=["assignments"])
pool = router("/v1/pool", tags=["pool"])

Reader = Annotated[Caller, Depends(ASSIGNMENTS.read)]
Answering = Annotated[Caller, Depends(ANSWERS.change)]
Returning = Annotated[Caller, Depends(RETURNS.change)]
Leading = Annotated[Caller, Depends(REASSIGNMENTS.change)]
PoolReader = Annotated[Caller, Depends(POOL.read)]
# An id is as old as its offer, by the database's clock.
NEWEST_FIRST = Order(Assignment.id, descending=True)
LONGEST_WAITING_FIRST = Order(Lead.qualified_at, Lead.lead_id)


async def _cards(request: Request) -> ContactCards:
    return cast(ContactCards, request.app.state.cards)


async def _hop_cap(request: Request) -> int:
    return cast(Settings, request.app.state.settings).offer_hops


Cards = Annotated[ContactCards, Depends(_cards)]
HopCap = Annotated[int, Depends(_hop_cap)]


@assignments.get("")
async def list_assignments(
    session: Transaction,
    caller: Reader,
    cards: Cards,
    paging: Paging,
    state: Annotated[State | None, Query(description="Only those in this state.")] = None,
    rep_id: UUID | None = None,
    lead_id: UUID | None = None,
) -> Page[AssignmentView]:
    """Offers made, newest first."""
    now = await database_time(session)
    found = queries.visible_assignments(caller)
    if state is not None:
        found = found.where(queries.in_state(state, now))
    if rep_id is not None:
        found = found.where(Assignment.rep_id == rep_id)
    if lead_id is not None:
        found = found.where(Assignment.lead_id == lead_id)
    rows: Sequence[Any] = (await session.execute(NEWEST_FIRST.page(found, paging))).all()
    await release(session)
    held = [Held(row.Assignment, row.Lead, row.Rep, now) for row in rows]
    people = await _people(cards, held[: paging.limit], caller)
    return NEWEST_FIRST.show(
        held,
        paging,
        lambda each: _view(each, people.get(each.lead.contact_id)),
        key=lambda each: (each.assignment.id,),
    )


@assignments.get("/{assignment_id}")
async def show_assignment(
    assignment_id: UUID, session: Transaction, caller: Reader, cards: Cards
) -> AssignmentView:
    """One offer with its lead. The person is asked from marketing; without an answer the rest is shown."""
    found = queries.visible_assignments(caller).where(Assignment.id == assignment_id)
    row = (await session.execute(found)).one_or_none()
    if row is None:
        raise NotFoundError(f"No assignment {assignment_id}.")
    now = await database_time(session)
    await release(session)
    held = Held(row.Assignment, row.Lead, row.Rep, now)
    people = await _people(cards, [held], caller, background=True)
    return _view(held, people[held.lead.contact_id])


@assignments.get("/{assignment_id}/trace")
async def show_trace(assignment_id: UUID, session: Transaction, caller: Reader) -> TraceView:
    """Why this lead went to this rep: the rule that matched, who was passed over, and the ledger's levels."""
    found = queries.visible_assignments(caller).where(Assignment.id == assignment_id)
    row = (await session.execute(found)).one_or_none()
    if row is None:
        raise NotFoundError(f"No assignment {assignment_id}.")
    return await queries.trace(session, row.Assignment)


@assignments.post("/{assignment_id}/accept")
async def accept(
    assignment_id: UUID, session: Transaction, request: Request, caller: Answering, cards: Cards
) -> AssignmentView:
    """Take the lead. Sales opens its deal, and the person is shown in full. Too late: 409."""
    held = await use_cases.accept(session, assignment_id, caller)

    async def with_the_person() -> Response:
        people = await _people(cards, [held], caller, background=True)
        return JSONResponse(_view(held, people[held.lead.contact_id]).model_dump(mode="json"))

    afterwards(request, with_the_person)
    return _view(held)


@assignments.post("/{assignment_id}/decline")
async def decline(
    assignment_id: UUID, answer: Decline, session: Transaction, caller: Answering, hop_cap: HopCap
) -> AssignmentView:
    """Say no, with the reason. The lead moves on to the next rep.

    `busy` costs the turn; the other reasons give it back.
    """
    return _view(await use_cases.decline(session, assignment_id, answer.reason, caller, hop_cap=hop_cap))


@assignments.post(
    "/{assignment_id}/return",
    # Clients made from the description call it by this name.
    operation_id="give_back_v1_assignments__assignment_id__return_post",
)
async def return_to_marketing(
    assignment_id: UUID, answer: Return, session: Transaction, caller: Returning, hop_cap: HopCap
) -> AssignmentView:
    """Give back an accepted lead. It goes to marketing, and its deal is closed as disqualified.

    `duplicate` and `wrong_contact_data` give the turn back, too.
    """
    return _view(
        await use_cases.return_to_marketing(session, assignment_id, answer.reason, caller, hop_cap=hop_cap)
    )


@assignments.post("/{assignment_id}/first-response")
async def respond(
    assignment_id: UUID, answer: FirstResponse, session: Transaction, caller: Answering
) -> AssignmentView:
    """Note that you reached out to the lead for the first time. Stops the speed-to-lead clock."""
    held = await use_cases.respond(session, assignment_id, answer.channel, answer.responded_at, caller)
    return _view(held)


@assignments.post("/{assignment_id}/reassign")
async def reassign(
    assignment_id: UUID, order: Reassignment, session: Transaction, caller: Leading
) -> AssignmentView:
    """Move an open offer on: to the rep you name or, when you name none, to whom the rules give it now.

    The rules leave out who had it in this cycle. When all others are full it waits in the pool; when
    nobody is left it goes back to marketing, like a declined one. Answers with the new offer; with the
    old one, closed, when there is none or it went to a team you do not lead.
    """
    held = await use_cases.reassign(
        session, assignment_id, order.rep_id, caller, credit_back=order.credit_back
    )
    return _view(held)


@pool.get("")
async def list_pool(
    session: Transaction,
    caller: PoolReader,
    paging: Paging,
    team_id: UUID | None = None,
    state: Annotated[
        PoolState, Query(description="`held`: leads of the past, which nobody asked to offer.")
    ] = "pool",
) -> Page[PoolView]:
    """Leads that wait for a rep, the longest waiting first.

    As soon as somebody is free they are offered live before backfilled, hot before warm, and the one that
    qualified last first. Backfilled leads never take a rep's last free place. Those that came without
    `route` are `held`, and are offered to nobody until the person writes or they are sent with it.
    """
    found = queries.unowned(caller, state)
    if team_id is not None:
        found = found.where(Lead.team_id == team_id)
    rows = (await session.scalars(LONGEST_WAITING_FIRST.page(found, paging))).all()
    return LONGEST_WAITING_FIRST.show(rows, paging, PoolView.model_validate)


async def _people(
    cards: ContactCards, rows: Sequence[Held], caller: Caller, *, background: bool = False
) -> dict[UUID, ContactCard]:
    """Who the leads are. Marketing is told what the caller holds by now: it hears of it a moment later."""
    held = [lead for one in rows if (lead := held_by(one, caller)) is not None]
    return await cards.cards(
        [one.lead.contact_id for one in rows], asked_by=caller, held=held, background=background
    )


def held_by(one: Held, caller: Caller) -> HeldLead | None:
    """The lead as the caller holds it by this offer of their own; None when they don't."""
    state = state_at(one.assignment.state, one.assignment.answer_by, one.now)
    if state not in ("offered", "accepted") or one.rep.subject != caller.subject or not one.rep.active:
        return None
    lead = one.lead
    return HeldLead(
        contact_id=lead.contact_id, lead_id=lead.lead_id, cycle=lead.cycle, version=lead.version, state=state
    )


def _view(held: Held, contact: ContactCard | None = None) -> AssignmentView:
    offer = held.assignment
    return AssignmentView(
        id=offer.id,
        hop=offer.hop,
        state=state_at(offer.state, offer.answer_by, held.now),
        rep_id=offer.rep_id,
        rep_name=held.rep.display_name,
        team_id=offer.team_id,
        band=offer.band,
        offered_at=offer.offered_at,
        answer_by=offer.answer_by,
        answered_at=offer.answered_at,
        reason=offer.reason,
        lead=LeadView.model_validate(held.lead),
        contact=contact,
    )
