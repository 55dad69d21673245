"""Allocating leads: lock, decide over the whole batch, write it all. Every offer is made here."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from asyncpg import Record
from sqlalchemy.ext.asyncio import AsyncSession

from services.handoff.routing.allocation import queries, rules, writes
from services.handoff.routing.allocation.rules import Decision, GivenUp, Offered, TeamCapacity, Waiting
from services.handoff.routing.allocation.writes import LeadKey
from services.handoff.routing.fairness.rules import UndoneTurn
from services.handoff.routing.fairness.use_cases import credit_back, lock_ledgers
from services.handoff.routing.fairness.writes import save_ledgers
from services.handoff.staff.reps.writes import change_loads
from shared.events.envelope import Event
from shared.events.handoff import LeadAssigned, LeadReturned
from shared.messaging import outbox


async def allocate(
    session: AsyncSession,
    leads: Sequence[Waiting],
    *,
    now: datetime,
    hop_cap: int,
    freed: Sequence[UUID] = (),
    undone: Sequence[UndoneTurn] = (),
    because: Sequence[Event] = (),
) -> list[Decision]:
    """Decide who gets these leads, hot and fresh ones first, and write it all: ledgers, offers, loads, leads'
    rows and events.

    The caller holds the locks on the leads' rows; all of the leads have a row, or none. `freed` reps hold
    one lead less each; `undone` turns are credited back before anybody's next turn. `because` are the
    events that led here, which are told before those of what was decided.
    """
    keys = {lead.ledger for lead in leads} | {(turn.team_id, turn.band) for turn in undone}
    ledgers = await lock_ledgers(session, sorted(keys))
    teams = await queries.lock_capacity(session, {team_id for team_id, _ in keys}, freed)
    await credit_back(session, ledgers, undone)
    rules.release(teams, freed)
    decisions = rules.decide(rules.in_serving_order(leads), teams, ledgers, now=now, hop_cap=hop_cap)
    offers = [decision for decision in decisions if isinstance(decision, Offered)]
    await save_ledgers(session, ledgers.values())
    await writes.add_offers(session, offers, now=now)
    await change_loads(session, Counter(offer.rep_id for offer in offers), Counter(freed))
    if leads and leads[0].facts is not None:
        await writes.add_leads(session, decisions, now=now)
    else:
        await writes.move_leads(session, decisions, now=now)
    await outbox.stage(session, [*because, *_events(decisions, now)])
    return decisions


async def supersede(session: AsyncSession, older: Sequence[Record], *, now: datetime) -> list[UUID]:
    """End cycles that a newer one overtook while nobody had accepted them. Returns the reps freed."""
    open_ones = [row for row in older if row["state"] in rules.OPEN_STATES]
    return await writes.supersede(
        session, [LeadKey(row["lead_id"], row["cycle"]) for row in open_ones], now=now
    )


async def explain(session: AsyncSession, lead: Waiting, *, now: datetime) -> tuple[Decision, TeamCapacity]:
    """What would be decided about a lead at this moment. Nothing is written."""
    ledgers = await lock_ledgers(session, [lead.ledger])
    teams = await queries.lock_capacity(session, [lead.team_id])
    [decision] = rules.decide([lead], teams, ledgers, now=now, hop_cap=lead.hop + 1)
    return decision, teams[lead.team_id]


def _events(decisions: Sequence[Decision], now: datetime) -> list[Event]:
    """The events of what was decided; a lead that waits is none."""
    events: list[Event] = []
    for decision in decisions:
        if isinstance(decision, Offered):
            events.append(_assigned(decision, now))
        elif isinstance(decision, GivenUp):
            events.append(_returned(decision, now))
    return events


def _assigned(offer: Offered, now: datetime) -> LeadAssigned:
    lead = offer.lead
    return LeadAssigned(
        version=lead.version + 1,
        traceparent=lead.traceparent,
        lead_id=lead.lead_id,
        cycle=lead.cycle,
        hop=lead.hop + 1,
        contact_id=lead.contact_id,
        rep_id=offer.rep_id,
        team_id=lead.team_id,
        rule_id=lead.rule_id,
        assigned_at=now,
        answer_by=offer.answer_by,
    )


def _returned(decision: GivenUp, now: datetime) -> LeadReturned:
    lead = decision.lead
    return LeadReturned(
        version=lead.version + 1,
        traceparent=lead.traceparent,
        lead_id=lead.lead_id,
        cycle=lead.cycle,
        rep_id=None,
        reason=decision.reason,
        after_acceptance=False,
        returned_at=now,
    )
