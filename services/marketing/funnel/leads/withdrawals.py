"""Taking leads back when what made them is withdrawn, and setting them right when it has come again."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.marketing.acquisition.campaigns.rules import NIL
from services.marketing.funnel.deals import queries as deals
from services.marketing.funnel.leads import queries
from services.marketing.funnel.leads.arrivals import ScoredSubmission, channel_of
from services.marketing.funnel.leads.remaining import Counts, Remaining, remain
from services.marketing.funnel.leads.rules import LeadState
from services.marketing.funnel.leads.writes import COUNT, REMAIN, CountedLeads, remaining_row
from services.marketing.funnel.lifecycle import queries as cycles
from services.marketing.funnel.lifecycle import use_cases as lifecycle
from services.marketing.funnel.lifecycle.rules import Change, CycleOrigin, Stage, Step
from services.marketing.funnel.lifecycle.writes import RestedCycle
from services.marketing.funnel.scoring import queries as scoring
from services.marketing.people.holds import use_cases as holds
from shared.database.sessions import driver
from shared.events.marketing import LeadWithdrawn
from shared.messaging import outbox

WORKED = frozenset({Stage.OPPORTUNITY, Stage.CUSTOMER})
Sent = Mapping[UUID, Sequence[ScoredSubmission]]  # by contact: all that stood until now


@dataclass(frozen=True, slots=True)
class Known:
    """Leads by contact and their cycles by lead, all locked."""

    leads: Mapping[UUID, LeadState]
    cycles: Mapping[UUID, Sequence[CycleOrigin]]


async def lock(session: AsyncSession, contact_ids: Sequence[UUID]) -> Known:
    """The leads of these contacts with all their cycles. Locked in the order in which the intake does."""
    leads = await queries.lock_leads(session, contact_ids)
    return Known(leads, await cycles.cycles_of(session, [lead.lead_id for lead in leads.values()]))


async def beyond_recall(session: AsyncSession, known: Known) -> set[UUID]:
    """Contacts whose leads are not taken back: sales has made an opportunity of them, or has won a deal of
    theirs, and their touches have earned a share of it.
    """
    worked = {
        contact_id
        for contact_id, lead in known.leads.items()
        if any(one.stage in WORKED for one in known.cycles.get(lead.lead_id, ()))
    }
    of_leads = {lead.lead_id: contact_id for contact_id, lead in known.leads.items()}
    won_leads, won_contacts = await deals.won_of(session, list(of_leads), list(known.leads))
    return worked | (won_contacts & known.leads.keys()) | {of_leads[one] for one in won_leads}


async def weigh(
    session: AsyncSession,
    known: Known,
    sent: Sent,
    *,
    gone: Collection[UUID] = (),
    again: Collection[UUID] = (),
    touches_gone: Mapping[UUID, int] | None = None,
) -> list[Remaining]:
    """What remains of each lead. Nothing is written yet."""
    model = await scoring.active_model(session)
    fewer = touches_gone or {}
    return [
        remain(
            lead,
            known.cycles.get(lead.lead_id, ()),
            sent.get(contact_id, ()),
            model,
            gone=gone,
            again=again,
            touches_gone=fewer.get(contact_id, 0),
        )
        for contact_id, lead in known.leads.items()
    ]


async def save(session: AsyncSession, remaining: Sequence[Remaining], *, reason: str, now: datetime) -> None:
    """Write what remains: leads, their cycles with their lines in the log, the sums, and tell handoff."""
    await REMAIN(await driver(session), [remaining_row(one, now) for one in remaining], updated_at=now)
    await lifecycle.rest(session, [_rested(one, *rests) for one in remaining for rests in one.rested])
    changes = [_change(one, cycle, reason, now) for one in remaining for cycle in one.ended]
    await lifecycle.follow(session, changes, now=now)
    await holds.withdraw(session, [(change.lead_id, change.cycle, now) for change in changes])
    await _count(session, remaining)
    await outbox.stage(session, [event for one in remaining for event in _told(one, reason, now)])


def _rested(one: Remaining, cycle: int, holder: ScoredSubmission) -> RestedCycle:
    return RestedCycle(
        lead_id=one.lead.lead_id,
        cycle=cycle,
        source=holder.source,
        channel=channel_of(holder),
        campaign_id=holder.campaign_id,
        submission_id=holder.submission_id,
        received_at=holder.received_at,
    )


def _change(one: Remaining, cycle: CycleOrigin, reason: str, now: datetime) -> Change:
    lead_id = one.lead.lead_id
    step = Step(lead_id, cycle.cycle, Stage.WITHDRAWN, now, reason)
    return Change(lead_id, cycle.cycle, {"withdrawn_at": now}, (step,))


def _told(one: Remaining, reason: str, now: datetime) -> list[LeadWithdrawn]:
    first = one.lead.event_version - len(one.told) + 1
    return [
        LeadWithdrawn(
            version=first + number,
            lead_id=one.lead.lead_id,
            cycle=cycle.cycle,
            reason=reason,
            withdrawn_at=now,
        )
        for number, cycle in enumerate(one.told)
    ]


async def _count(session: AsyncSession, remaining: Sequence[Remaining]) -> None:
    changes: Counts = Counter()
    for one in remaining:
        changes.update(one.changes)
    origins = {origin for (_, origin), change in changes.items() if change}
    counted = [
        CountedLeads(
            origin[0], origin[1] or NIL, origin[2], changes["leads", origin], changes["mqls", origin]
        )
        for origin in origins
    ]
    await COUNT(await driver(session), counted)
