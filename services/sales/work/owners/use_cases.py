"""Giving deals to other reps, with what is planned for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.sales.reference.reps import queries as reps
from services.sales.reference.reps.tables import Rep
from services.sales.selling.access import OWNERS
from services.sales.selling.deals.rules import OPEN, hand_over
from services.sales.selling.deals.tables import Deal
from services.sales.selling.deals.trail import record
from services.sales.selling.deals.use_cases import refusals_are_conflicts, take
from services.sales.work.activities import writes as activities
from services.sales.work.activities.writes import Reassigned
from services.sales.work.owners import queries
from services.sales.work.owners.rules import share_out
from services.sales.work.owners.schemas import MOST_DEALS, OwnerForm, OwnersForm
from shared.auth.access import Caller
from shared.database.sessions import driver
from shared.errors import ConflictError, FieldError, InvalidError
from shared.events.sales import DealOwnerChanged
from shared.messaging import outbox


@dataclass(frozen=True, slots=True)
class HandedOver:
    """What went to whom, and how many deals are left."""

    deals: Sequence[Deal]
    activities: int = 0
    left: int = 0


async def change_owner(
    session: AsyncSession,
    caller: Caller,
    deal_id: UUID,
    form: OwnerForm,
    *,
    if_match: int | None,
    now: datetime,
) -> Deal:
    """Give one deal to another rep. Raises what `take` does, InvalidError, ConflictError."""
    deal = await take(session, caller, deal_id, OWNERS.change, if_match=if_match)
    if deal.rep_id == form.rep_id:
        raise ConflictError("They have this deal already.")
    rep = (await queries.takers(session, caller, [form.rep_id])).get(form.rep_id)
    if rep is None:
        raise _not_a_taker("/rep_id")
    await give(session, [(deal, rep)], by=caller.subject, why=form.why, now=now)
    return deal


async def change_owners(
    session: AsyncSession, caller: Caller, form: OwnersForm, *, now: datetime
) -> HandedOver:
    """Share out deals among reps: all or none of those named. Raises InvalidError, ConflictError."""
    takers = await queries.takers(session, caller, form.to_rep_ids)
    for place, rep_id in enumerate(form.to_rep_ids):
        if rep_id not in takers:
            raise _not_a_taker(f"/to_rep_ids/{place}")
    if form.deal_ids is not None:
        wanted = queries.these_deals(caller, form.deal_ids)
        deals = await queries.locked(session, wanted, MOST_DEALS)
        _insist_on_all(form.deal_ids, deals)
        left = 0
    else:
        assert form.from_rep_id is not None
        if await reps.rep_within(session, OWNERS.change, caller, form.from_rep_id) is None:
            raise InvalidError("Whose deals?", errors=[_fault("/from_rep_id", "Not a rep of yours.")])
        wanted = queries.open_deals_of(caller, form.from_rep_id)
        deals = await queries.locked(session, wanted, MOST_DEALS)
        left = await queries.count(session, wanted) - len(deals) if len(deals) == MOST_DEALS else 0
    has = await queries.open_counts(session, form.to_rep_ids)
    moving = [deal for deal in deals if form.deal_ids is None or deal.rep_id not in form.to_rep_ids]
    shared = share_out([deal.id for deal in moving], form.to_rep_ids, has)
    given = [(deal, takers[shared[deal.id]]) for deal in moving]
    await give(session, given, by=caller.subject, why=form.why, now=now)
    return HandedOver(moving, await _give_rest(session, form), left)


async def _give_rest(session: AsyncSession, form: OwnersForm) -> int:
    """What the rep has to do without a deal goes along, in turn."""
    if form.from_rep_id is None:
        return 0
    ids = await queries.planned_without_deal(session, form.from_rep_id)
    shared = share_out(ids, form.to_rep_ids, {})
    await activities.REASSIGN(await driver(session), [Reassigned(*one) for one in shared.items()])
    return len(ids)


async def give(
    session: AsyncSession, given: Sequence[tuple[Deal, Rep]], *, by: str, why: str | None, now: datetime
) -> None:
    """Put these deals, which are locked, into these hands, and tell. Raises ConflictError."""
    if not given:
        return
    facts = []
    moved = []
    for deal, rep in given:
        before = deal.rep_id, deal.team_id
        if deal.state != OPEN and deal.closed_rep_id is None:
            # Closed before that was kept: it is the result of who has had it until now.
            deal.closed_rep_id, deal.closed_team_id = before
        with refusals_are_conflicts():
            after = hand_over(deal.deal_state)
        record(session, deal, after, fact="owner_changed", by=by, at=now, why=why, rep=(rep.id, rep.team_id))
        moved.append((deal.id, before[0], rep.id))
        facts.append(
            DealOwnerChanged(
                version=deal.version,
                deal_id=deal.id,
                lead_id=deal.lead_id,
                cycle=deal.cycle,
                contact_ids=tuple(deal.contact_ids),
                from_rep_id=before[0],
                from_team_id=before[1],
                rep_id=rep.id,
                team_id=rep.team_id,
                outcome=None if deal.state == OPEN else deal.state,
                amount_minor=after.net_minor,
                currency=deal.currency,
                changed_at=now,
            )
        )
    await session.flush()
    await (await driver(session)).execute(activities.FOLLOW_DEALS, *map(list, zip(*moved, strict=True)))
    await outbox.stage(session, facts)


def _insist_on_all(wanted: Sequence[UUID], found: Sequence[Deal]) -> None:
    known = {deal.id for deal in found}
    if strangers := [place for place, deal_id in enumerate(wanted) if deal_id not in known]:
        raise InvalidError(
            "Not all of these deals are yours to give; none was given.",
            errors=[
                _fault(f"/deal_ids/{place}", "Not a deal of yours or your teams.") for place in strangers
            ],
        )


def _not_a_taker(pointer: str) -> InvalidError:
    return InvalidError("This rep can't have it.", errors=[_fault(pointer, "Not an active rep of yours.")])


def _fault(pointer: str, detail: str) -> FieldError:
    return {"pointer": pointer, "detail": detail}
