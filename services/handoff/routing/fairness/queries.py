"""Reading and writing the ledger, a whole batch at a time."""

from collections.abc import Collection, Iterable, Sequence
from uuid import UUID

import orjson
from asyncpg import Connection
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.handoff.routing.fairness.rules import (
    Ledger,
    LedgerKey,
    Panel,
    Standing,
    Turn,
    UndoneTurn,
    panel_of,
)
from services.handoff.routing.fairness.tables import Ledger as LedgerRow
from services.handoff.staff.reps.queries import visible_teams
from services.handoff.staff.reps.tables import Rep, Team
from shared.auth.access import Caller
from shared.database.sessions import driver

# The ledgers' counters and standings; which of the panels are known already is the answer.
SAVE = """
WITH counted AS (
    UPDATE ledgers l SET turns = x.turns
    FROM unnest($1::uuid[], $2::text[], $3::bigint[]) AS x(team_id, band, turns)
    WHERE l.team_id = x.team_id AND l.band = x.band
), stood AS (
    INSERT INTO standings (team_id, band, rep_id, due, received, last_turn)
    SELECT * FROM unnest($4::uuid[], $5::text[], $6::uuid[], $7::bigint[], $8::bigint[], $9::bigint[])
    ON CONFLICT (team_id, band, rep_id) DO UPDATE
    SET due = excluded.due, received = excluded.received, last_turn = excluded.last_turn
)
SELECT id FROM panels WHERE id = ANY($10::uuid[])
"""
KEYS = "(team_id, band) IN (SELECT * FROM unnest($1::uuid[], $2::text[]))"


async def lock_ledgers(session: AsyncSession, keys: Collection[LedgerKey]) -> dict[LedgerKey, Ledger]:
    """These ledgers with their standings. The rows stay locked: workers share out one after the other.

    Always taken in the same order, and after the leads' rows, against deadlocks.
    """
    connection = await driver(session)
    wanted = [team for team, _ in keys], [band for _, band in keys]
    lock = f"SELECT team_id, band, turns FROM ledgers WHERE {KEYS} ORDER BY team_id, band FOR UPDATE"
    rows = await connection.fetch(lock, *wanted)
    if len(rows) < len(keys):  # a team's first lead
        begin = (
            "INSERT INTO ledgers (team_id, band) SELECT * FROM unnest($1::uuid[], $2::text[]) ORDER BY 1, 2"
        )
        await connection.execute(f"{begin} ON CONFLICT DO NOTHING", *wanted)
        rows = await connection.fetch(lock, *wanted)
    ledgers = {(team_id, band): Ledger(team_id, band, turns) for team_id, band, turns in rows}
    # A statement of its own: its snapshot is taken after the locks were got.
    standings = await connection.fetch(
        f"SELECT team_id, band, rep_id, due, received, last_turn FROM standings WHERE {KEYS}", *wanted
    )
    for team_id, band, *standing in standings:
        ledgers[team_id, band].standings[standing[0]] = Standing(*standing)
    return ledgers


async def save_ledgers(session: AsyncSession, ledgers: Iterable[Ledger]) -> None:
    """Write the new turns, and with them the standings and the counters they sum up to."""
    changed = [ledger for ledger in ledgers if ledger.written]
    if not changed:
        return
    connection = await driver(session)
    standings = [(ledger, standing) for ledger in changed for standing in ledger.standings.values()]
    panels = {id_: panel for ledger in changed for id_, panel in ledger.panels.items()}
    known = await connection.fetch(
        SAVE,
        [ledger.team_id for ledger in changed],
        [ledger.band for ledger in changed],
        [ledger.number for ledger in changed],
        [ledger.team_id for ledger, _ in standings],
        [ledger.band for ledger, _ in standings],
        [standing.rep_id for _, standing in standings],
        [standing.due for _, standing in standings],
        [standing.received for _, standing in standings],
        [standing.last_turn for _, standing in standings],
        list(panels),
    )
    await _add_panels(connection, [panels[id_] for id_ in panels.keys() - {row["id"] for row in known}])
    await _save_turns(connection, [turn for ledger in changed for turn in ledger.written])


async def _add_panels(connection: Connection, new: Sequence[Panel]) -> None:
    if not new:  # nearly always: a panel changes only when somebody becomes full, free or active
        return
    await connection.executemany(
        "INSERT INTO panels (id, rep_ids, weights, passed_over) VALUES ($1, $2, $3, $4) "
        "ON CONFLICT DO NOTHING",
        [
            (
                panel.id,
                panel.rep_ids,
                panel.weights,
                orjson.dumps([[str(rep_id), why] for rep_id, why in panel.passed_over]).decode(),
            )
            for panel in sorted(new, key=lambda panel: panel.id)
        ],
    )


async def _save_turns(connection: Connection, turns: Sequence[Turn]) -> None:
    # COPY takes half the time of arrays here, on both sides.
    await connection.copy_records_to_table("turns", columns=Turn._fields, records=turns)


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
    connection = await driver(session)
    rows = await connection.fetch(
        "SELECT team_id, band, number, kind, rep_id, panel_id, lead_id, amount FROM turns "
        "JOIN unnest($1::uuid[], $2::text[], $3::bigint[]) AS x(team_id, band, number) "
        "USING (team_id, band, number) ORDER BY team_id, band, number",
        [turn.team_id for turn in wanted],
        [turn.band for turn in wanted],
        [turn.number for turn in wanted],
    )
    return [Turn(*row) for row in rows]


async def one_moment(session: AsyncSession) -> None:
    """Everything this transaction reads from here on is as of one moment. Its first statement."""
    await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


async def ledger(session: AsyncSession, key: LedgerKey) -> Ledger:
    """One ledger with its standings, unlocked."""
    connection = await driver(session)
    turns = await connection.fetchval("SELECT turns FROM ledgers WHERE team_id = $1 AND band = $2", *key)
    found = Ledger(*key, turns)
    for standing in await connection.fetch(
        "SELECT rep_id, due, received, last_turn FROM standings WHERE team_id = $1 AND band = $2", *key
    ):
        found.standings[standing["rep_id"]] = Standing(*standing)
    return found


async def ledgers_of(session: AsyncSession, caller: Caller, team_id: UUID | None) -> list[tuple[Team, str]]:
    """The ledgers of the teams a caller may see."""
    found = select(Team, LedgerRow.band).join(LedgerRow, LedgerRow.team_id == Team.id)
    found = found.where(visible_teams(caller)).order_by(Team.name, LedgerRow.band)
    if team_id is not None:
        found = found.where(Team.id == team_id)
    return [(row[0], row[1]) for row in (await session.execute(found)).all()]


async def rep_names(session: AsyncSession) -> dict[UUID, str]:
    return {row[0]: row[1] for row in await session.execute(select(Rep.id, Rep.display_name))}
