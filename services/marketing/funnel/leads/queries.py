"""Every SELECT on leads."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import CompoundSelect, Select, and_, case, func, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from services.marketing.funnel.deals.tables import Deal
from services.marketing.funnel.leads.rules import LeadOrigin, LeadState
from services.marketing.funnel.leads.tables import Lead
from services.marketing.funnel.lifecycle import queries as lifecycle
from services.marketing.funnel.lifecycle.rules import CycleKey, Stage
from services.marketing.funnel.lifecycle.tables import LeadCycle
from shared.database.sessions import driver


class OwnedLead(NamedTuple):
    """A lead in its current cycle, and the rep who has it."""

    lead: Lead
    cycle: LeadCycle
    rep_id: UUID | None


# In the order of ids, so that two batches that share leads take turns instead of deadlocking.
LOCK_LEADS = """
SELECT id, contact_id, cycle, first_cycle, event_version, arrivals, facts, occurred_at, withdrawn_at,
       source, submission_id, campaign_id, channel
FROM leads WHERE contact_id = ANY($1::uuid[]) ORDER BY id FOR UPDATE
"""


async def lock_leads(session: AsyncSession, contact_ids: Sequence[UUID]) -> dict[UUID, LeadState]:
    """The leads of these contacts by contact, locked. A contact without one is not in the answer."""
    connection = await driver(session)
    rows = await connection.fetch(LOCK_LEADS, contact_ids)
    if not rows:
        return {}
    # Asked after the lock: a cycle that ended while we waited for it counts as ended.
    stages = await lifecycle.stages(session, [CycleKey(row["id"], row["cycle"]) for row in rows])
    return {
        row["contact_id"]: LeadState(
            lead_id=row["id"],
            contact_id=row["contact_id"],
            cycle=row["cycle"],
            stage=stages[row["id"]][0],
            backfill=stages[row["id"]][1],
            event_version=row["event_version"],
            arrivals=row["arrivals"],
            began_at=row["occurred_at"],
            facts=row["facts"],
            first_cycle=row["first_cycle"],
            withdrawn=row["withdrawn_at"] is not None,
            began_with=LeadOrigin(row["source"], row["submission_id"], row["campaign_id"], row["channel"]),
        )
        for row in rows
    }


async def contacts_of(session: AsyncSession, lead_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """The contact of each lead."""
    connection = await driver(session)
    rows = await connection.fetch("SELECT id, contact_id FROM leads WHERE id = ANY($1::uuid[])", lead_ids)
    return {row["id"]: row["contact_id"] for row in rows}


def leads_in_cycle(
    *, stage: Stage | None, owner: UUID | None, campaign_id: UUID | None
) -> Select[Lead, LeadCycle, UUID | None]:
    """Leads with their current cycle and who has it: who has its deal, or else the rep handoff named."""
    current = and_(LeadCycle.lead_id == Lead.id, LeadCycle.cycle == Lead.cycle)
    has_it = case((LeadCycle.returned_at.is_(None), func.coalesce(Deal.rep_id, LeadCycle.rep_id)))
    query = (
        select(Lead, LeadCycle, has_it)
        .join(LeadCycle, current)
        .outerjoin(Deal, Deal.deal_id == LeadCycle.deal_id)
    )
    if stage is not None:
        query = query.where(LeadCycle.stage == stage)
    if owner is not None:
        ever: CompoundSelect[UUID | None] = union_all(
            select(LeadCycle.lead_id).where(LeadCycle.rep_id == owner),
            select(Deal.lead_id).where(Deal.rep_id == owner),
        )
        query = query.where(has_it == owner, Lead.id.in_(ever))
    return query.where(Lead.campaign_id == campaign_id) if campaign_id is not None else query


async def owned(session: AsyncSession, query: Select[Lead, LeadCycle, UUID | None]) -> list[OwnedLead]:
    return [OwnedLead(*row) for row in (await session.execute(query)).all()]


async def lead_by_id(session: AsyncSession, lead_id: UUID) -> OwnedLead | None:
    query = leads_in_cycle(stage=None, owner=None, campaign_id=None).where(Lead.id == lead_id)
    found = await owned(session, query)
    return found[0] if found else None
