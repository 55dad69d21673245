"""What handoff does when time passes (deadlines, the pool) and when sales closes or reopens a deal."""

from sqlalchemy.ext.asyncio import AsyncSession

from services.handoff.handshake.assignments import queries
from services.handoff.routing.allocation.queries import waiting
from services.handoff.routing.allocation.use_cases import move_leads, share_out
from services.handoff.routing.rule_sets.queries import active_rules
from services.handoff.routing.rule_sets.rules import first_match
from shared.database.sessions import database_time, driver
from shared.events.handoff import OfferExpired
from shared.messaging import outbox

BATCH = 200


async def expire_offers(session: AsyncSession, *, hop_cap: int) -> int:
    """End the offers whose time is up and give each lead to the next rep. Returns how many."""
    overdue = await queries.lock_overdue(session, BATCH)
    if not overdue:
        return 0
    now = await database_time(session)
    connection = await driver(session)
    await connection.execute(
        "UPDATE assignments SET state = 'expired', answered_at = $2 WHERE id = ANY($1::uuid[])",
        [row["id"] for row in overdue],
        now,
    )
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
    decisions = await share_out(session, leads, now=now, hop_cap=hop_cap, freed=freed)
    await outbox.stage(session, [*expired, *await move_leads(session, decisions, now=now)])
    return len(overdue)


async def offer_pool(session: AsyncSession, *, hop_cap: int) -> int:
    """Offer waiting leads whose team has room again. Returns how many found a rep or were moved."""
    moved = await _route_anew(session)
    rows = await queries.lock_waiting(session, BATCH)
    if not rows:
        return moved
    now = await database_time(session)
    decisions = await share_out(session, [waiting(row) for row in rows], now=now, hop_cap=hop_cap)
    events = await move_leads(session, decisions, now=now)
    await outbox.stage(session, events)
    return moved + len(events)


async def _route_anew(session: AsyncSession) -> int:
    """New rules hold for the leads that still wait."""
    book = await active_rules(session)
    rows = await queries.lock_misrouted(session, book.version, BATCH)
    if not rows:
        return 0
    rules = [first_match(book, queries.routable(row)) for row in rows]
    connection = await driver(session)
    await connection.execute(
        "UPDATE leads l SET team_id = x.team_id, rule_id = x.rule_id, rule_set = $5, wait_until = now() "
        "FROM unnest($1::uuid[], $2::int[], $3::uuid[], $4::uuid[]) AS x(lead_id, cycle, team_id, rule_id) "
        "WHERE l.lead_id = x.lead_id AND l.cycle = x.cycle",
        [row["lead_id"] for row in rows],
        [row["cycle"] for row in rows],
        [rule.team_id for rule in rules],
        [rule.id for rule in rules],
        book.version,
    )
    return len(rows)
