"""Every SELECT of the handshake."""

from datetime import datetime
from typing import Any
from uuid import UUID

from asyncpg import Record
from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.handoff.handshake.access import ASSIGNMENTS, POOL, REASSIGNMENTS
from services.handoff.handshake.assignments.rules import PoolState
from services.handoff.handshake.assignments.schemas import Contender, PassedOver, TraceView
from services.handoff.routing.allocation.queries import WAITING
from services.handoff.routing.allocation.tables import Assignment, Lead
from services.handoff.routing.fairness.queries import panels_by_id
from services.handoff.routing.fairness.rules import UNIT
from services.handoff.routing.rule_sets.rules import Facts
from services.handoff.routing.rule_sets.tables import RoutingRule
from services.handoff.staff.reps.queries import reps_within, teams_within
from services.handoff.staff.reps.tables import Rep, Team
from shared.auth.access import Access, Caller
from shared.database.sessions import driver

OF_LEAD = and_(Lead.lead_id == Assignment.lead_id, Lead.cycle == Assignment.cycle)


def visible_assignments(caller: Caller) -> Select[Assignment, Lead, Rep]:
    """Assignment, lead and rep of what the caller may see: a rep's own, those of a manager's teams."""
    return assignments_within(ASSIGNMENTS.read, caller)


def assignments_within(access: Access, caller: Caller) -> Select[Assignment, Lead, Rep]:
    """Assignment, lead and rep of those to which the table lets this caller do something."""
    found = select(Assignment, Lead, Rep).join(Lead, OF_LEAD).join(Rep, Rep.id == Assignment.rep_id)
    return found.where(reps_within(access, caller))


async def locked(session: AsyncSession, assignment_id: UUID, access: Access, caller: Caller) -> Any | None:
    """Assignment, lead and rep, read after the lead's row was locked: the order all take the locks in."""
    row = (
        await session.execute(assignments_within(access, caller).where(Assignment.id == assignment_id))
    ).one_or_none()
    if row is None:
        return None
    await session.execute(
        select(Lead.lead_id)
        .where(Lead.lead_id == row.Lead.lead_id)
        .order_by(Lead.lead_id, Lead.cycle)
        .with_for_update()
    )
    again = assignments_within(access, caller).where(Assignment.id == assignment_id)
    return (await session.execute(again.execution_options(populate_existing=True))).one_or_none()


async def sees_assignment(session: AsyncSession, assignment_id: UUID, caller: Caller) -> bool:
    found = visible_assignments(caller).where(Assignment.id == assignment_id)
    return (await session.execute(found)).first() is not None


async def newest_offer(session: AsyncSession, lead: Lead, caller: Caller) -> Any:
    """Assignment, lead and rep of the last offer of the lead's cycle the caller may see, as they are now."""
    found = visible_assignments(caller).where(Lead.lead_id == lead.lead_id, Lead.cycle == lead.cycle)
    last = found.order_by(Assignment.hop.desc()).limit(1).execution_options(populate_existing=True)
    return (await session.execute(last)).one()


async def has_newer_cycle(session: AsyncSession, lead: Lead) -> bool:
    newer = select(Lead.cycle).where(Lead.lead_id == lead.lead_id, Lead.cycle > lead.cycle).limit(1)
    return (await session.execute(newer)).first() is not None


async def offered_to(session: AsyncSession, lead: Lead) -> frozenset[UUID]:
    """The reps who were offered the lead in this cycle."""
    offered = select(func.coalesce(Assignment.offered_to, Assignment.rep_id)).where(
        Assignment.lead_id == lead.lead_id, Assignment.cycle == lead.cycle
    )
    return frozenset((await session.scalars(offered)).all())


def in_state(state: str, now: datetime) -> ColumnElement[bool]:
    """An offer past its deadline counts as expired even before the timer comes by."""
    if state == "offered":
        return and_(Assignment.state == state, Assignment.answer_by > now)
    return Assignment.state == state


async def lock_overdue(session: AsyncSession, limit: int) -> list[Record]:
    """Offers past their deadline, with what their leads need to move on, skipping what others work on."""
    connection = await driver(session)
    return await connection.fetch(
        f"SELECT a.id, a.rep_id, {WAITING} "
        "FROM assignments a JOIN leads ON leads.lead_id = a.lead_id AND leads.cycle = a.cycle "
        "WHERE a.state = 'offered' AND a.answer_by <= now() "
        "ORDER BY a.answer_by LIMIT $1 FOR UPDATE OF leads, a SKIP LOCKED",
        limit,
    )


async def lock_waiting(session: AsyncSession, limit: int) -> list[Record]:
    """Leads of the pool whose team is free, skipping what others work on: live ones before those of the past,
    hot before warm, the one that qualified last first.
    """
    connection = await driver(session)
    return await connection.fetch(
        "WITH capacity AS MATERIALIZED (SELECT r.team_id, sum(r.capacity - l.open_leads)::bigint AS free "
        "FROM reps r JOIN loads l ON l.rep_id = r.id "
        "WHERE r.active AND l.open_leads < r.capacity GROUP BY r.team_id) "
        "SELECT w.* FROM capacity CROSS JOIN LATERAL ("
        f"SELECT {WAITING} FROM leads WHERE leads.team_id = capacity.team_id "
        "AND leads.state = 'pool' AND leads.wait_until <= now() "
        "ORDER BY leads.backfilled, leads.band, leads.qualified_at DESC "
        "LIMIT least(capacity.free, $1) FOR UPDATE SKIP LOCKED) w "
        "ORDER BY w.backfilled, w.band, w.qualified_at DESC LIMIT $1",
        limit,
    )


async def lock_misrouted(session: AsyncSession, rule_set: int, limit: int) -> list[Record]:
    """Leads of the pool that older rules sent where they wait."""
    connection = await driver(session)
    return await connection.fetch(
        "SELECT lead_id, cycle, country, industry, company_size, source, score, hand_raiser FROM leads "
        "WHERE state = 'pool' AND rule_set <> $1 ORDER BY lead_id LIMIT $2 FOR UPDATE SKIP LOCKED",
        rule_set,
        limit,
    )


async def active_rep(session: AsyncSession, rep_id: UUID, caller: Caller) -> Rep | None:
    found = select(Rep).where(Rep.id == rep_id, Rep.active, reps_within(REASSIGNMENTS.change, caller))
    return (await session.scalars(found)).one_or_none()


def unowned(caller: Caller, state: PoolState) -> Select[Lead]:
    """Leads that wait for a rep, or those of the past that are held, of the teams the caller may see."""
    found = select(Lead).where(Lead.state == state)
    return found.where(Lead.team_id.in_(select(Team.id).where(teams_within(POOL.read, caller))))


def routable(row: Record) -> Facts:
    return Facts(
        country=row["country"],
        industry=row["industry"],
        company_size=row["company_size"],
        source=row["source"],
        score=row["score"],
        hand_raiser=row["hand_raiser"],
    )


async def trace(session: AsyncSession, offer: Assignment) -> TraceView:
    """The decision behind an offer, put together from what was stored with it."""
    stored = offer.trace
    panel = (await panels_by_id(session, [UUID(stored["panel_id"])]))[UUID(stored["panel_id"])]
    rule = await session.get_one(RoutingRule, UUID(stored["rule_id"]))
    return TraceView(
        rule_set=stored["rule_set"],
        rule_id=rule.id,
        rule_name=rule.name,
        team_id=offer.team_id,
        band=offer.band,
        turn=offer.turn,
        by_hand=stored["by_hand"],
        chosen=offer.offered_to or offer.rep_id,
        leaders=[Contender(rep_id=rep_id, level=level / UNIT) for rep_id, level in stored["leaders"]],
        eligible=len(panel.rep_ids),
        passed_over=[PassedOver(rep_id=rep_id, reason=why) for rep_id, why in panel.passed_over],
    )
