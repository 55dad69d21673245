"""Every INSERT and UPDATE of leads and their offers. No other slice changes the state of either."""

from collections.abc import Collection, Sequence
from datetime import datetime
from operator import attrgetter
from typing import NamedTuple
from uuid import UUID

import orjson
from sqlalchemy.ext.asyncio import AsyncSession

from services.handoff.routing.allocation.rules import RETRY, Decision, GivenUp, Offered, Waiting
from services.handoff.routing.allocation.tables import Assignment, Lead
from shared import clock
from shared.database import bulk
from shared.database.sessions import driver


class LeadKey(NamedTuple):
    lead_id: UUID
    cycle: int


class RouteRow(NamedTuple):
    """Where the rules send a lead."""

    lead_id: UUID
    cycle: int
    team_id: UUID
    rule_id: UUID


class LeadRow(NamedTuple):
    """A lead's row as it was decided."""

    lead_id: UUID
    cycle: int
    team_id: UUID
    rule_set: int
    rule_id: UUID
    state: str
    version: int
    hop: int
    rep_id: UUID | None = None
    wait_until: datetime | None = None
    assigned_at: datetime | None = None
    ended_at: datetime | None = None
    end_reason: str | None = None


KEY = ("lead_id", "cycle")
# What a new lead's row has besides: its place in the line of events, and what is known of the lead.
OF_WAITING = ("band", "traceparent")
OF_FACTS = (
    *("contact_id", "received_at", "qualified_at", "backfilled", "source", "campaign_id", "hand_raiser"),
    *("score", "country", "company_id", "company_name", "company_domain", "company_size", "industry"),
)
OFFER = (
    *("id", "lead_id", "cycle", "hop", "rep_id", "team_id", "band", "turn"),
    *("state", "offered_at", "answer_by", "trace"),
)
_of_waiting, _of_facts = attrgetter(*OF_WAITING), attrgetter(*OF_FACTS)

MOVE = bulk.update(Lead, LeadRow, key=KEY, computed={"assigned_at": "coalesce(t.assigned_at, x.assigned_at)"})
REROUTE = bulk.update(Lead, RouteRow, key=KEY, constants=("rule_set",), computed={"wait_until": "now()"})
SUPERSEDE = bulk.update(
    Lead,
    LeadKey,
    key=KEY,
    constants=("ended_at",),
    computed={"state": "'superseded'", "end_reason": "'superseded'", "wait_until": "NULL"},
)
SUPERSEDE_OFFERS = bulk.update(
    Assignment,
    LeadKey,
    key=KEY,
    constants=("answered_at",),
    computed={"state": "'closed'", "reason": "'superseded'"},
    where="t.state = 'offered'",
    returning=("rep_id",),
)


async def add_leads(session: AsyncSession, decisions: Sequence[Decision], *, now: datetime) -> None:
    """Rows for leads that have none yet."""
    connection = await driver(session)
    # COPY takes half the time of arrays here, on both sides.
    await connection.copy_records_to_table(
        "leads",
        columns=(*LeadRow._fields, *OF_WAITING, *OF_FACTS),
        records=[
            (*_row(decision, now), *_of_waiting(decision.lead), *_of_facts(decision.lead.facts))
            for decision in decisions
        ],
    )


async def move_leads(session: AsyncSession, decisions: Sequence[Decision], *, now: datetime) -> None:
    """Bring the rows of leads known before to what was decided."""
    await MOVE(await driver(session), [_row(decision, now) for decision in decisions])


async def add_held(session: AsyncSession, leads: Sequence[Waiting]) -> None:
    """Rows for leads of the past, which are kept and left alone."""
    connection = await driver(session)
    await connection.copy_records_to_table(
        "leads",
        columns=(*LeadRow._fields, *OF_WAITING, *OF_FACTS),
        records=[
            (
                *LeadRow(*_routed(lead), "held", lead.version, lead.hop),
                *_of_waiting(lead),
                *_of_facts(lead.facts),
            )
            for lead in leads
        ],
    )


def _routed(lead: Waiting) -> tuple[UUID, int, UUID, int, UUID]:
    return lead.lead_id, lead.cycle, lead.team_id, lead.rule_set, lead.rule_id


def _row(decision: Decision, now: datetime) -> LeadRow:
    lead = decision.lead
    routed = _routed(lead)
    if isinstance(decision, Offered):
        return LeadRow(
            *routed, "offered", lead.version + 1, lead.hop + 1, rep_id=decision.rep_id, assigned_at=now
        )
    if isinstance(decision, GivenUp):
        return LeadRow(
            *routed, "returned", lead.version + 1, lead.hop, ended_at=now, end_reason=decision.reason
        )
    return LeadRow(*routed, "pool", lead.version, lead.hop, wait_until=_retry_at(lead, now))


def _retry_at(lead: Waiting, now: datetime) -> datetime:
    """Who was passed over already may be all that is free: such a lead is not tried every second. Nor is one
    of the past, for which reps keep a place less.
    """
    tried_in_vain = lead.offered_to or (lead.backfilled and lead.facts is None)
    return now + RETRY if tried_in_vain else now


async def add_offers(session: AsyncSession, offers: Sequence[Offered], *, now: datetime) -> None:
    """Store the offers, each with the trace of its decision."""
    if not offers:
        return
    connection = await driver(session)
    await connection.copy_records_to_table(
        "assignments",
        columns=OFFER,
        records=[
            (
                clock.new_id(now),
                offer.lead.lead_id,
                offer.lead.cycle,
                offer.lead.hop + 1,
                offer.rep_id,
                *offer.lead.ledger,
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
            "by_hand": offer.lead.by_hand is not None,
        },
        default=str,  # asyncpg has a UUID class of its own
    ).decode()


async def reroute(session: AsyncSession, routes: Sequence[RouteRow], *, rule_set: int) -> None:
    """These leads of the pool wait for another team, and are looked at again at once."""
    await REROUTE(await driver(session), routes, rule_set=rule_set)


async def supersede(session: AsyncSession, keys: Sequence[LeadKey], *, now: datetime) -> list[UUID]:
    """End cycles that nobody had accepted, and their open offers. Returns the reps freed."""
    connection = await driver(session)
    await SUPERSEDE(connection, keys, ended_at=now)
    return [row["rep_id"] for row in await SUPERSEDE_OFFERS(connection, keys, answered_at=now)]


async def expire_offers(session: AsyncSession, ids: Collection[UUID], *, now: datetime) -> None:
    connection = await driver(session)
    await connection.execute(
        "UPDATE assignments SET state = 'expired', answered_at = $2 WHERE id = ANY($1::uuid[])", ids, now
    )


def decline(lead: Lead, offer: Assignment, reason: str, *, now: datetime) -> None:
    offer.state, offer.answered_at, offer.reason = "declined", now, reason
    lead.version += 1


def close_offer(offer: Assignment, reason: str, *, now: datetime) -> None:
    """Somebody else took it from the rep. That is no fact of its own: the next offer is."""
    offer.state, offer.answered_at, offer.reason = "closed", now, reason


def accept(lead: Lead, offer: Assignment, *, now: datetime) -> None:
    offer.state, offer.answered_at = "accepted", now
    lead.state, lead.accepted_at, lead.version = "accepted", now, lead.version + 1


def return_to_marketing(lead: Lead, offer: Assignment, reason: str, *, now: datetime) -> None:
    """An accepted lead's cycle ends."""
    offer.state, offer.reason = "returned", reason
    lead.state, lead.ended_at, lead.end_reason = "returned", now, reason
    lead.version += 1
