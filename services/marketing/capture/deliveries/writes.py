"""The writes of the front door: a batch of deliveries in one round trip, repeats in a second one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple
from uuid import UUID

from services.marketing.capture.deliveries.tables import Delivery, Refusal, Tally
from shared.database import bulk
from shared.database.sessions import Driver

PATIENCE = 5.0  # seconds; then everybody in the batch is told to send again


@dataclass(frozen=True, slots=True)
class NewDelivery:
    """One request at a door."""

    id: UUID
    door: str
    source_id: UUID
    body: bytes
    dedupe_key: str | None = None
    content_type: str | None = None
    sender: str | None = None
    user_agent: str | None = None
    traceparent: str | None = None


class Settled(NamedTuple):
    """What became of a delivery."""

    id: UUID
    state: str
    reason: str | None
    repeat_of: UUID | None = None


@dataclass(frozen=True, slots=True)
class Counted:
    """How many submissions were made of one day's deliveries at a door."""

    day: date
    door: str
    submissions: int


@dataclass(frozen=True, slots=True)
class Refused:
    """How often a door turned somebody away."""

    door: str
    reason: str
    count: int


SHARD = bulk.free_shard("marketing.tallies")


def _counted(of: str) -> str:
    """Counts today's deliveries by door."""
    return f"""
    INSERT INTO tallies AS t (day, door, shard, deliveries)
    SELECT current_date, door, {SHARD}, count(*) FROM {of} GROUP BY door ORDER BY door
    ON CONFLICT (day, door, shard) DO UPDATE SET deliveries = t.deliveries + excluded.deliveries"""


INSERT = bulk.insert(
    Delivery,
    NewDelivery,
    on_conflict=bulk.keep("source_id", "dedupe_key", among="dedupe_key IS NOT NULL"),
    returning=("id", "door"),
)
# One statement, so one round trip and one commit. Only stored rows are counted here: repeats are in REPEAT.
STORE = bulk.Statement(
    f"""
WITH stored AS (
{INSERT.template}
), counted AS ({_counted("stored")}
)
SELECT id FROM stored
""",
    rows=INSERT.rows,
)
REPEAT = bulk.Statement(
    f"""
WITH firsts AS (
    SELECT r.id, r.door, r.source_id, r.sender, r.user_agent, r.traceparent, d.id AS first
    FROM {{r}} JOIN deliveries d ON d.source_id = r.source_id AND d.dedupe_key = r.dedupe_key
), kept AS (
    INSERT INTO deliveries
           (id, door, source_id, sender, user_agent, traceparent, state, repeat_of, settled_at)
    SELECT id, door, source_id, sender, user_agent, traceparent, 'repeat', first, now() FROM firsts
), counted AS ({_counted("firsts")}
)
SELECT id, first FROM firsts
""",
    r=bulk.Rows(
        Delivery,
        NewDelivery,
        only=("id", "door", "source_id", "dedupe_key", "sender", "user_agent", "traceparent"),
    ),
)
SETTLE = bulk.together(
    counted=bulk.insert(
        Tally,
        Counted,
        computed={"shard": SHARD},
        order_by=("day", "door"),
        on_conflict=bulk.replace("day", "door", "shard", submissions="t.submissions + excluded.submissions"),
    ),
    settled=bulk.update(
        Delivery,
        Settled,
        key=("id",),
        computed={"settled_at": "now()", "repeat_of": "coalesce(x.repeat_of, t.repeat_of)"},
    ),
)
COUNT_REFUSALS = bulk.insert(
    Refusal,
    Refused,
    computed={"day": "current_date"},
    order_by=("door", "reason"),
    on_conflict=bulk.replace("day", "door", "reason", count="t.count + excluded.count"),
)


async def store(connection: Driver, batch: Sequence[NewDelivery]) -> dict[UUID, UUID]:
    """Write a batch and commit; by each one's id, the id of its first delivery."""
    rows = await STORE(connection, rows=batch, timeout=PATIENCE)
    firsts: dict[UUID, UUID] = {row[0]: row[0] for row in rows}
    if len(rows) < len(batch):
        repeats = [arrived for arrived in batch if arrived.id not in firsts]
        found = await REPEAT(connection, r=repeats, timeout=PATIENCE)
        firsts.update({row[0]: row[1] for row in found})
    return firsts


async def settle_deliveries(
    connection: Driver, settled: Sequence[Settled], submissions: Mapping[tuple[date, str], int]
) -> None:
    """Write what became of these deliveries.

    And how many submissions were made, by the day and door of their delivery.
    """
    counted = [Counted(day, door, number) for (day, door), number in submissions.items()]
    await SETTLE(connection, counted=counted, settled=settled)


async def count_refusals(connection: Driver, refused: Mapping[tuple[str, str], int]) -> None:
    """Add to how often each door refused, by reason."""
    await COUNT_REFUSALS(connection, [Refused(*name, count) for name, count in refused.items()])
