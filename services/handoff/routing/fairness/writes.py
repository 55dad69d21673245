"""Every INSERT and UPDATE of the ledgers, a whole batch at a time."""

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple
from uuid import UUID

import orjson
from asyncpg import Connection
from sqlalchemy.ext.asyncio import AsyncSession

from services.handoff.routing.fairness import tables
from services.handoff.routing.fairness.rules import Ledger, LedgerKey, Panel, Turn
from shared.database import bulk
from shared.database.sessions import driver


class LedgerRow(NamedTuple):
    team_id: UUID
    band: str
    turns: int = 0


class ShareRow(NamedTuple):
    team_id: UUID
    band: str
    rep_id: UUID
    due: int
    received: int
    last_turn: int


BEGIN = bulk.insert(
    tables.Ledger,
    LedgerRow,
    only=("team_id", "band"),
    on_conflict=bulk.keep(),
    order_by=("team_id", "band"),
)
COUNT = bulk.update(tables.Ledger, LedgerRow, key=("team_id", "band"))
SHARE = bulk.insert(tables.Share, ShareRow, on_conflict=bulk.replace("team_id", "band", "rep_id"))
# The counters and the shares in one round trip; which of the panels are known already is the answer.
SAVE = bulk.Statement(
    f"WITH counted AS ({COUNT.template.format(rows='{ledgers}')}),\n"
    f"shared AS ({SHARE.template.format(rows='{shares}')})\n"
    "SELECT id FROM panels WHERE id = ANY({panels})",
    ledgers=COUNT.rows,
    shares=SHARE.rows,
    panels="uuid[]",
)


async def begin_ledgers(session: AsyncSession, keys: Collection[LedgerKey]) -> None:
    """Rows for the ledgers that have none yet, in the order in which everyone locks them."""
    await BEGIN(await driver(session), [LedgerRow(*key) for key in keys])


async def save_ledgers(session: AsyncSession, ledgers: Iterable[Ledger]) -> None:
    """Write the new turns, and with them the shares and the counters they sum up to."""
    changed = [ledger for ledger in ledgers if ledger.written]
    if not changed:
        return
    connection = await driver(session)
    panels = {id_: panel for ledger in changed for id_, panel in ledger.panels.items()}
    known = await SAVE(
        connection,
        ledgers=[LedgerRow(ledger.team_id, ledger.band, ledger.number) for ledger in changed],
        shares=[
            ShareRow(ledger.team_id, ledger.band, share.rep_id, share.due, share.received, share.last_turn)
            for ledger in changed
            for share in ledger.shares.values()
        ],
        panels=list(panels),
    )
    await _add_panels(connection, [panels[id_] for id_ in panels.keys() - {row["id"] for row in known}])
    # COPY takes half the time of arrays here, on both sides.
    turns = [turn for ledger in changed for turn in ledger.written]
    await connection.copy_records_to_table("turns", columns=Turn._fields, records=turns)


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
