"""Every SELECT of allocating, a whole batch at a time."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from uuid import UUID

from asyncpg import Record
from sqlalchemy.ext.asyncio import AsyncSession

from services.handoff.routing.allocation.rules import RepSlot, TeamCapacity, Waiting
from shared.database.sessions import driver

# What a lead needs to be offered, of a statement that reads `leads`.
WAITING = (
    "leads.lead_id, leads.cycle, leads.contact_id, leads.team_id, leads.band, leads.rule_set, leads.rule_id, "
    "leads.version, leads.hop, leads.traceparent, leads.backfilled, leads.qualified_at, "
    "ARRAY(SELECT coalesce(o.offered_to, o.rep_id) FROM assignments o "
    "WHERE o.lead_id = leads.lead_id AND o.cycle = leads.cycle) AS offered_to"
)


async def lock_capacity(
    session: AsyncSession, team_ids: Collection[UUID], freed: Collection[UUID] = ()
) -> dict[UUID, TeamCapacity]:
    """These teams with their reps and how much each can take. The reps' loads stay locked, those of the
    `freed` ones of other teams too: a rep has one capacity over all ledgers. Taken after the
    ledgers, in the order of the reps' ids.
    """
    connection = await driver(session)
    teams = await connection.fetch(
        "SELECT id, answer_seconds_hot, answer_seconds_warm FROM teams WHERE id = ANY($1::uuid[])",
        list(team_ids),
    )
    reps = await connection.fetch(
        "SELECT r.team_id, r.id, r.weight, r.active, r.capacity - l.open_leads AS free "
        "FROM reps r JOIN loads l ON l.rep_id = r.id WHERE r.team_id = ANY($1::uuid[]) "
        "OR r.id = ANY($2::uuid[]) ORDER BY r.id FOR UPDATE OF l",
        list(team_ids),
        list(freed),
    )
    capacity = {
        id_: TeamCapacity(id_, {"hot": timedelta(seconds=hot), "warm": timedelta(seconds=warm)}, {})
        for id_, hot, warm in teams
    }
    for team_id, *slot in reps:
        if team_id in capacity:
            capacity[team_id].slots[slot[0]] = RepSlot(*slot)
    return capacity


async def newest_cycles(session: AsyncSession, lead_ids: Sequence[UUID]) -> dict[UUID, Record]:
    """The newest cycle known of each lead (cycle, version, state, rep_id, hop); its row stays locked."""
    connection = await driver(session)
    rows = await connection.fetch(
        "SELECT lead_id, cycle, version, state, rep_id, hop FROM leads "
        "WHERE lead_id = ANY($1::uuid[]) ORDER BY lead_id, cycle FOR UPDATE",
        list(lead_ids),
    )
    return {row["lead_id"]: row for row in rows}


def waiting(row: Record, *, facts: int = 0) -> Waiting:
    """A row of WAITING as the rules take it; `facts` more were counted since it was read."""
    return Waiting(
        lead_id=row["lead_id"],
        cycle=row["cycle"],
        contact_id=row["contact_id"],
        team_id=row["team_id"],
        band=row["band"],
        rule_set=row["rule_set"],
        rule_id=row["rule_id"],
        version=row["version"] + facts,
        hop=row["hop"],
        offered_to=frozenset(row["offered_to"]),
        traceparent=row["traceparent"],
        backfilled=row["backfilled"],
        qualified_at=row["qualified_at"],
    )
