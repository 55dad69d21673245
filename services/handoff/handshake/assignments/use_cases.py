"""The handshake between the lead's finder and the rep: accept, decline, return, first response, reassign."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.handoff.handshake.access import ANSWERS, REASSIGNMENTS, RETURNS
from services.handoff.handshake.assignments import queries
from services.handoff.handshake.assignments.rules import (
    CREDITED_DECLINES,
    CREDITED_RETURNS,
    Channel,
    DeclineReason,
    ReturnReason,
    refusal,
    state_at,
)
from services.handoff.routing.allocation import writes
from services.handoff.routing.allocation.responses import note_response
from services.handoff.routing.allocation.rules import Waiting
from services.handoff.routing.allocation.tables import Assignment, Lead
from services.handoff.routing.allocation.use_cases import allocate
from services.handoff.routing.fairness.rules import UndoneTurn
from services.handoff.routing.rule_sets.queries import active_rules
from services.handoff.routing.rule_sets.rules import first_match
from services.handoff.staff.reps.queries import is_inactive
from services.handoff.staff.reps.tables import Rep
from shared.auth.access import INACTIVE, Access, Caller
from shared.database.sessions import database_time
from shared.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from shared.events.handoff import FirstResponseMade, LeadAccepted, LeadDeclined, LeadReturned
from shared.messaging import outbox


@dataclass(frozen=True, slots=True)
class Held:
    """An assignment with its lead (locked) and rep, and the database's time."""

    assignment: Assignment
    lead: Lead
    rep: Rep
    now: datetime

    def require(self, needed: str, wanted: str) -> None:
        """Raises ConflictError unless the assignment is in the state needed."""
        state = state_at(self.assignment.state, self.assignment.answer_by, self.now)
        why_not = refusal(state, wanted, needed, self.assignment.reason)
        if why_not:
            raise ConflictError(why_not)

    def waiting(self, offered_to: frozenset[UUID]) -> Waiting:
        """The lead as it needs its next rep."""
        lead = self.lead
        return Waiting(
            lead_id=lead.lead_id,
            cycle=lead.cycle,
            contact_id=lead.contact_id,
            team_id=lead.team_id,
            band=lead.band,
            rule_set=lead.rule_set,
            rule_id=lead.rule_id,
            version=lead.version,
            hop=lead.hop,
            offered_to=offered_to,
            backfilled=lead.backfilled,
            qualified_at=lead.qualified_at,
        )

    def turn(self) -> UndoneTurn:
        return UndoneTurn(self.assignment.team_id, self.assignment.band, self.assignment.turn)


async def hold(session: AsyncSession, assignment_id: UUID, access: Access, caller: Caller) -> Held:
    """Lock an assignment to do this to it. Raises ForbiddenError; NotFoundError when they may not see it."""
    row = await queries.locked(session, assignment_id, access, caller)
    if row is None:
        if await queries.sees_assignment(session, assignment_id, caller):
            raise access.beyond(caller)
        if await is_inactive(session, caller):
            raise ForbiddenError(INACTIVE)
        raise NotFoundError(f"No assignment {assignment_id}.")
    if await queries.has_newer_cycle(session, row.Lead):
        raise ConflictError("The lead was qualified anew since: this cycle is superseded. Use the newer one.")
    return Held(row.Assignment, row.Lead, row.Rep, await database_time(session))


async def accept(session: AsyncSession, assignment_id: UUID, caller: Caller) -> Held:
    held = await hold(session, assignment_id, ANSWERS.change, caller)
    held.require("offered", "accepted")
    lead, assignment, now = held.lead, held.assignment, held.now
    writes.accept(lead, assignment, now=now)
    event = LeadAccepted(
        version=lead.version,
        lead_id=lead.lead_id,
        cycle=lead.cycle,
        hop=assignment.hop,
        contact_id=lead.contact_id,
        rep_id=assignment.rep_id,
        team_id=assignment.team_id,
        qualified_at=lead.qualified_at,
        assigned_at=assignment.offered_at,
        accepted_at=now,
        source=lead.source,
        campaign_id=lead.campaign_id,
        score=lead.score,
        country=lead.country,
        company_id=lead.company_id,
        company_name=lead.company_name,
        company_domain=lead.company_domain,
        company_size=lead.company_size,
        industry=lead.industry,
    )
    await outbox.stage(session, [event])
    return held


async def decline(
    session: AsyncSession, assignment_id: UUID, reason: DeclineReason, caller: Caller, *, hop_cap: int
) -> Held:
    """Say no. The lead goes to whose turn it is of those who did not have it yet."""
    held = await hold(session, assignment_id, ANSWERS.change, caller)
    held.require("offered", "declined")
    lead, assignment, now = held.lead, held.assignment, held.now
    writes.decline(lead, assignment, reason.value, now=now)
    declined = LeadDeclined(
        version=lead.version,
        lead_id=lead.lead_id,
        cycle=lead.cycle,
        hop=assignment.hop,
        rep_id=assignment.rep_id,
        reason=reason.value,
        declined_at=now,
    )
    await session.flush()
    await allocate(
        session,
        [held.waiting(await queries.offered_to(session, lead))],
        now=now,
        hop_cap=hop_cap,
        freed=[assignment.rep_id],
        undone=[held.turn()] if reason in CREDITED_DECLINES else (),
        because=[declined],
    )
    await session.refresh(lead)
    return held


async def return_to_marketing(
    session: AsyncSession, assignment_id: UUID, reason: ReturnReason, caller: Caller, *, hop_cap: int
) -> Held:
    """Return an accepted lead: its deal is disqualified and the cycle ends."""
    held = await hold(session, assignment_id, RETURNS.change, caller)
    held.require("accepted", "returned")
    lead, assignment, now = held.lead, held.assignment, held.now
    writes.return_to_marketing(lead, assignment, reason.value, now=now)
    returned = LeadReturned(
        version=lead.version,
        lead_id=lead.lead_id,
        cycle=lead.cycle,
        rep_id=assignment.rep_id,
        reason=reason.value,
        after_acceptance=True,
        returned_at=now,
    )
    await session.flush()
    undone = [held.turn()] if reason in CREDITED_RETURNS else []
    freed = [assignment.rep_id]
    await allocate(session, [], now=now, hop_cap=hop_cap, freed=freed, undone=undone, because=[returned])
    return held


async def respond(
    session: AsyncSession, assignment_id: UUID, channel: Channel, at: datetime | None, caller: Caller
) -> Held:
    """Note the first time a person reached out to the lead in this cycle. The clock stops there."""
    held = await hold(session, assignment_id, ANSWERS.change, caller)
    held.require("accepted", "responded to")
    lead, moment = held.lead, at or held.now
    if lead.responded_at is not None:
        raise ConflictError("The lead has its first response already; it can't become responded to again.")
    if not held.assignment.offered_at <= moment <= held.now:
        fault = "It lies between the offer and now."
        raise InvalidError("That can't be.", errors=[{"pointer": "/responded_at", "detail": fault}])
    note_response(lead, at=moment, channel=channel.value)
    event = FirstResponseMade(
        version=lead.version,
        lead_id=lead.lead_id,
        cycle=lead.cycle,
        rep_id=held.assignment.rep_id,
        channel=channel.value,
        responded_at=moment,
    )
    await outbox.stage(session, [event])
    return held


async def reassign(
    session: AsyncSession, assignment_id: UUID, rep_id: UUID | None, caller: Caller, *, credit_back: bool
) -> Held:
    """Take an offer from one rep and make it to another, who has the whole time to answer.

    Without a rep the rules decide anew: those of routing name the team, and it goes to whose turn it is of
    those who did not have it yet. Nobody free: it waits in the pool. Nobody left: it goes back to
    marketing, as if declined. The offers so far are no reason to give it up: a manager asks for one more.
    """
    held = await hold(session, assignment_id, REASSIGNMENTS.change, caller)
    held.require("offered", "reassigned")
    lead, assignment, now = held.lead, held.assignment, held.now
    waiting = held.waiting(await queries.offered_to(session, lead))
    if rep_id is None:
        book = await active_rules(session)
        rule = first_match(book, lead)
        waiting = waiting._replace(team_id=rule.team_id, rule_set=book.version, rule_id=rule.id)
    else:
        target = await _target(session, rep_id, held, caller)
        waiting = waiting._replace(team_id=target.team_id, by_hand=rep_id)
    writes.close_offer(assignment, "reassigned", now=now)
    await session.flush()
    await allocate(
        session,
        [waiting],
        now=now,
        hop_cap=lead.hop + 1,
        freed=[assignment.rep_id],
        undone=[held.turn()] if credit_back else (),
    )
    row = await queries.newest_offer(session, lead, caller)
    return Held(row.Assignment, row.Lead, row.Rep, now)


async def _target(session: AsyncSession, rep_id: UUID, held: Held, caller: Caller) -> Rep:
    target = await queries.active_rep(session, rep_id, caller)
    if target is None or target.id == held.rep.id:
        fault = "Name an active rep of your teams, other than the one who has it."
        raise InvalidError("This rep can't have it.", errors=[{"pointer": "/rep_id", "detail": fault}])
    return target
