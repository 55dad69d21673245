"""Every SELECT of the ledgers."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.handoff.routing.access import FAIRNESS
from services.handoff.routing.fairness.rules import (
    Ledger,
    LedgerKey,
    Panel,
    Share,
    Turn,
    UndoneTurn,
    panel_of,
)
from services.handoff.routing.fairness.tables import Ledger as LedgerRow
from services.handoff.routing.fairness.tables import Turn as TurnRow
from services.handoff.staff.reps.queries import teams_within
from services.handoff.staff.reps.tables import Rep, Team
from shared.auth.access import Caller
from shared.database import bulk
from shared.database.sessions import driver

KEYS = "(team_id, band) IN (SELECT * FROM unnest($1::uuid[], $2::text[]))"
UNDONE = bulk.Statement(
    "SELECT team_id, band, number, kind, rep_id, panel_id, lead_id, amount FROM turns "
    "JOIN {undone} USING (team_id, band, number) ORDER BY team_id, band, number",
    undone=bulk.Rows(TurnRow, UndoneTurn),
)


async def lock_ledgers(session: AsyncSession, keys: Collection[LedgerKey]) -> dict[LedgerKey, Ledger]:
    """Those of these ledgers that there are, with their counters only. Their rows stay locked."""
    connection = await driver(session)
    rows = await connection.fetch(
        f"SELECT team_id, band, turns FROM ledgers WHERE {KEYS} ORDER BY team_id, band FOR UPDATE",
        *_columns(keys),
    )
    return {(team_id, band): Ledger(team_id, band, turns) for team_id, band, turns in rows}


async def read_shares(session: AsyncSession, ledgers: Mapping[LedgerKey, Ledger]) -> None:
    """Fill these ledgers with the shares of their reps."""
    connection = await driver(session)
    rows = await connection.fetch(
        f"SELECT team_id, band, rep_id, due, received, last_turn FROM standings WHERE {KEYS}",
        *_columns(ledgers),
    )
    for team_id, band, *share in rows:
        ledgers[team_id, band].shares[share[0]] = Share(*share)


def _columns(keys: Collection[LedgerKey]) -> tuple[list[UUID], list[str]]:
    return [team_id for team_id, _ in keys], [band for _, band in keys]


async def panels_by_id(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, Panel]:
    connection = await driver(session)
    rows = await connection.fetch(
        "SELECT id, rep_ids, weights, passed_over FROM panels WHERE id = ANY($1::uuid[])", list(ids)
    )
    return {
        row["id"]: panel_of(
            list(zip(row["rep_ids"], row["weights"], strict=True)),
            [(UUID(rep_id), why) for rep_id, why in row["passed_over"]],
        )
        for row in rows
    }


async def turns_after(session: AsyncSession, key: LedgerKey, number: int, limit: int) -> list[Turn]:
    """The next lines of a ledger, in their order."""
    connection = await driver(session)
    rows = await connection.fetch(
        "SELECT team_id, band, number, kind, rep_id, panel_id, lead_id, amount FROM turns "
        "WHERE team_id = $1 AND band = $2 AND number > $3 ORDER BY number LIMIT $4",
        *key,
        number,
        limit,
    )
    return [Turn(*row) for row in rows]


async def turns_by_number(session: AsyncSession, wanted: Sequence[UndoneTurn]) -> list[Turn]:
    rows = await UNDONE(await driver(session), undone=wanted)
    return [Turn(*row) for row in rows]


async def one_moment(session: AsyncSession) -> None:
    """Everything this transaction reads from here on is as of one moment. Its first statement."""
    await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


async def ledger(session: AsyncSession, key: LedgerKey) -> Ledger:
    """one ledger with its shares, unlocked."""
    connection = await driver(session)
    turns = await connection.fetchval("SELECT turns FROM ledgers WHERE team_id = $1 AND band = $2", *key)
    found = Ledger(*key, turns)
    for share in await connection.fetch(
        "SELECT rep_id, due, received, last_turn FROM standings WHERE team_id = $1 AND band = $2", *key
    ):
        found.shares[share["rep_id"]] = Share(*share)
    return found


async def ledgers_of(session: AsyncSession, caller: Caller, team_id: UUID | None) -> list[tuple[Team, str]]:
    """The ledgers of the teams a caller may see."""
    found = select(Team, LedgerRow.band).join(LedgerRow, LedgerRow.team_id == Team.id)
    found = found.where(teams_within(FAIRNESS.read, caller)).order_by(Team.name, LedgerRow.band)
    if team_id is not None:
        found = found.where(Team.id == team_id)
    return [(row[0], row[1]) for row in (await session.execute(found)).all()]


async def rep_names(session: AsyncSession) -> dict[UUID, str]:
    return {row[0]: row[1] for row in await session.execute(select(Rep.id, Rep.display_name))}
