"""What handoff does when time passes: deadlines, and the pool."""

from sqlalchemy.ext.asyncio import AsyncSession

from services.handoff.handshake.assignments import queries
from services.handoff.routing.allocation import writes
from services.handoff.routing.allocation.queries import waiting
from services.handoff.routing.allocation.rules import Waits
from services.handoff.routing.allocation.use_cases import allocate
from services.handoff.routing.allocation.writes import RouteRow
from services.handoff.routing.rule_sets.queries import active_rules
from services.handoff.routing.rule_sets.rules import first_match
from shared.database.sessions import database_time
from shared.events.handoff import OfferExpired

BATCH = 200


async def expire_offers(session: AsyncSession, *, hop_cap: int) -> int:
    """End the offers whose time is up and offer each lead to the next rep. Returns how many."""
    overdue = await queries.lock_overdue(session, BATCH)
    if not overdue:
        return 0
    now = await database_time(session)
    await writes.expire_offers(session, [row["id"] for row in overdue], now=now)
    leads = [waiting(row, facts=1) for row in overdue]
    expired = [
        OfferExpired(
            version=lead.version,
            traceparent=lead.traceparent,
            lead_id=lead.lead_id,
            cycle=lead.cycle,
            hop=lead.hop,
            rep_id=row["rep_id"],
            expired_at=now,
        )
        for row, lead in zip(overdue, leads, strict=True)
    ]
    freed = [row["rep_id"] for row in overdue]
    await allocate(session, leads, now=now, hop_cap=hop_cap, freed=freed, because=expired)
    return len(overdue)


async def offer_pool(session: AsyncSession, *, hop_cap: int) -> int:
    """Offer waiting leads whose team is free for more. Returns how many found a rep or were moved."""
    moved = await _route_anew(session)
    rows = await queries.lock_waiting(session, BATCH)
    if not rows:
        return moved
    now = await database_time(session)
    decisions = await allocate(session, [waiting(row) for row in rows], now=now, hop_cap=hop_cap)
    return moved + sum(not isinstance(decision, Waits) for decision in decisions)


async def _route_anew(session: AsyncSession) -> int:
    """New rules hold for the leads that still wait."""
    book = await active_rules(session)
    rows = await queries.lock_misrouted(session, book.version, BATCH)
    if not rows:
        return 0
    matches = [(row, first_match(book, queries.routable(row))) for row in rows]
    routes = [RouteRow(row["lead_id"], row["cycle"], rule.team_id, rule.id) for row, rule in matches]
    await writes.reroute(session, routes, rule_set=book.version)
    return len(rows)
