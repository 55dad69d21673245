"""Sharing out: lock, decide over the whole batch, write once. Everything that makes an offer ends here."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import orjson
from asyncpg import Record
from sqlalchemy.ext.asyncio import AsyncSession

from services.handoff.routing.allocation import queries, rules
from services.handoff.routing.allocation.rules import Bench, Decision, GivenUp, Offered, Waiting
from services.handoff.routing.fairness.queries import (
    lock_ledgers,
    panels_by_id,
    save_ledgers,
    turns_by_number,
)
from services.handoff.routing.fairness.rules import Ledger, LedgerKey, UndoneTurn, credit_back
from shared import clock
from shared.database.sessions import driver
from shared.events.envelope import Event
from shared.events.handoff import LeadAssigned, LeadReturned

ASSIGNMENT_COLUMNS = (
    *("id", "lead_id", "cycle", "hop", "rep_id", "team_id", "band", "turn"),
    *("state", "offered_at", "answer_by", "trace"),
)


async def share_out(
    session: AsyncSession,
    leads: Sequence[Waiting],
    *,
    now: datetime,
    hop_cap: int,
    freed: Sequence[UUID] = (),
    undone: Sequence[UndoneTurn] = (),
) -> list[Decision]:
    """Decide who gets these leads and write ledger, loads and offers; the leads' rows are the caller's.

    The caller holds the locks on the leads' rows. `freed` reps hold one lead less each;
    `undone` turns are credited back before anybody's next turn.
    """
    keys = {(lead.team_id, lead.band) for lead in leads} | {(turn.team_id, turn.band) for turn in undone}
    ledgers = await lock_ledgers(session, sorted(keys))
    benches = await queries.lock_benches(session, {team_id for team_id, _ in keys}, freed)
    await _credit_back(session, ledgers, undone)
    rules.free(benches, freed)
    decisions = rules.share_out(leads, benches, ledgers, now=now, hop_cap=hop_cap)
    offers = [decision for decision in decisions if isinstance(decision, Offered)]
    await save_ledgers(session, ledgers.values())
    await add_assignments(session, offers, now=now)
    await change_loads(session, Counter(offer.rep_id for offer in offers), Counter(freed))
    return decisions


async def give(
    session: AsyncSession,
    lead: Waiting,
    rep_id: UUID,
    *,
    now: datetime,
    freed: Sequence[UUID],
    undone: Sequence[UndoneTurn],
) -> Decision:
    """Offer a lead to this rep of its team by hand. It counts in the ledger like any other turn."""
    keys = {(lead.team_id, lead.band)} | {(turn.team_id, turn.band) for turn in undone}
    ledgers = await lock_ledgers(session, sorted(keys))
    benches = await queries.lock_benches(session, {team_id for team_id, _ in keys}, freed)
    await _credit_back(session, ledgers, undone)
    rules.free(benches, freed)
    offer = rules.by_hand(lead, rep_id, benches[lead.team_id], ledgers[lead.team_id, lead.band], now=now)
    await save_ledgers(session, ledgers.values())
    await add_assignments(session, [offer], now=now)
    await change_loads(session, Counter([rep_id]), Counter(freed))
    return offer


async def _credit_back(
    session: AsyncSession, ledgers: Mapping[LedgerKey, Ledger], undone: Sequence[UndoneTurn]
) -> None:
    if not undone:
        return
    turns = await turns_by_number(session, undone)
    panels = await panels_by_id(session, {turn.panel_id for turn in turns if turn.panel_id})
    for turn in turns:
        if turn.panel_id and turn.lead_id:
            credit_back(ledgers[turn.team_id, turn.band], panels[turn.panel_id], turn.lead_id, turn.rep_id)


async def close_superseded(session: AsyncSession, older: Sequence[Record], *, now: datetime) -> list[UUID]:
    """End cycles that a newer one overtook while nobody had accepted them. Returns the reps freed."""
    open_ones = [row for row in older if row["state"] in ("pool", "offered")]
    if not open_ones:
        return []
    connection = await driver(session)
    keys = [row["lead_id"] for row in open_ones], [row["cycle"] for row in open_ones]
    await connection.execute(
        "UPDATE leads l SET state = 'superseded', wait_until = NULL, ended_at = $3, "
        "end_reason = 'superseded' "
        "FROM unnest($1::uuid[], $2::int[]) AS x(lead_id, cycle) "
        "WHERE l.lead_id = x.lead_id AND l.cycle = x.cycle",
        *keys,
        now,
    )
    freed = await connection.fetch(
        "UPDATE assignments a SET state = 'closed', answered_at = $3, reason = 'superseded' "
        "FROM unnest($1::uuid[], $2::int[]) AS x(lead_id, cycle) "
        "WHERE a.lead_id = x.lead_id AND a.cycle = x.cycle AND a.state = 'offered' RETURNING a.rep_id",
        *keys,
        now,
    )
    return [row["rep_id"] for row in freed]


async def change_loads(session: AsyncSession, more: Counter[UUID], fewer: Counter[UUID]) -> None:
    """Count these leads as open, or open no longer, of their reps."""
    change = {rep_id: more[rep_id] - fewer[rep_id] for rep_id in sorted(more.keys() | fewer.keys())}
    if not any(change.values()):
        return
    connection = await driver(session)
    await connection.execute(
        "UPDATE loads l SET open_leads = greatest(0, open_leads + x.change) "
        "FROM unnest($1::uuid[], $2::int[]) AS x(rep_id, change) WHERE l.rep_id = x.rep_id",
        list(change),
        list(change.values()),
    )


async def add_assignments(session: AsyncSession, offers: Sequence[Offered], *, now: datetime) -> None:
    """Store the offers, each with the trace of its decision."""
    if not offers:
        return
    connection = await driver(session)
    await connection.copy_records_to_table(
        "assignments",
        columns=ASSIGNMENT_COLUMNS,
        records=[
            (
                clock.new_id(now),
                offer.lead.lead_id,
                offer.lead.cycle,
                offer.lead.hop + 1,
                offer.rep_id,
                offer.lead.team_id,
                offer.lead.band,
                offer.turn,
                "offered",
                now,
                offer.answer_by,
                _trace(offer),
            )
            for offer in offers
        ],
    )


def _trace(offer: Offered) -> str:
    return orjson.dumps(
        {
            "rule_set": offer.lead.rule_set,
            "rule_id": offer.lead.rule_id,
            "panel_id": offer.panel.id,
            "leaders": offer.leaders,
            "by_hand": offer.by_hand,
        },
        default=str,  # asyncpg has a UUID class of its own
    ).decode()


async def move_leads(session: AsyncSession, decisions: Sequence[Decision], *, now: datetime) -> list[Event]:
    """Bring the rows of leads known before to what was decided. Returns the facts to stage."""
    connection = await driver(session)
    rows = [after(decision, now) for decision in decisions]
    await connection.execute(
        "UPDATE leads l SET state = x.state, version = x.version, hop = x.hop, rep_id = x.rep_id, "
        "wait_until = x.wait_until, assigned_at = coalesce(l.assigned_at, x.assigned_at), "
        "ended_at = x.ended_at, end_reason = x.end_reason "
        "FROM unnest($1::uuid[], $2::int[], $3::text[], $4::int[], $5::smallint[], $6::uuid[], "
        "$7::timestamptz[], $8::timestamptz[], $9::timestamptz[], $10::text[]) AS x(lead_id, cycle, state, "
        "version, hop, rep_id, wait_until, assigned_at, ended_at, end_reason) "
        "WHERE l.lead_id = x.lead_id AND l.cycle = x.cycle",
        [decision.lead.lead_id for decision in decisions],
        [decision.lead.cycle for decision in decisions],
        *(list(column) for column in zip(*rows, strict=True)),
    )
    return announce(decisions, now=now)


def after(decision: Decision, now: datetime) -> tuple[str, int, int, UUID | None, *tuple[object, ...]]:
    """State, version, hop, rep, wait_until, assigned_at, ended_at and end_reason of the lead's row."""
    lead = decision.lead
    if isinstance(decision, Offered):
        return "offered", lead.version + 1, lead.hop + 1, decision.rep_id, None, now, None, None
    if isinstance(decision, GivenUp):
        return "returned", lead.version + 1, lead.hop, None, None, None, now, decision.reason
    # Who was passed over already may be all that is free: such a lead is not tried every second.
    wait_until = now + rules.RETRY if lead.had else now
    return "pool", lead.version, lead.hop, None, wait_until, None, None, None


def announce(decisions: Sequence[Decision], *, now: datetime) -> list[Event]:
    """The facts of what was decided; a lead that waits is none."""
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


async def explain(session: AsyncSession, lead: Waiting, *, now: datetime) -> tuple[Decision, Bench]:
    """What would be decided about a lead at this moment. Nothing is written."""
    key = (lead.team_id, lead.band)
    ledgers = await lock_ledgers(session, [key])
    benches = await queries.lock_benches(session, [lead.team_id])
    [decision] = rules.share_out([lead], benches, ledgers, now=now, hop_cap=1)
    return decision, benches[lead.team_id]
