"""The writes of the front door: a batch of deliveries in one round trip, repeats in a second one."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import NamedTuple
from uuid import UUID

from services.marketing.capture.deliveries.rules import key_of_change
from services.marketing.capture.deliveries.tables import Delivery, Refusal, Tally
from shared.database import bulk
from shared.database.sessions import Driver

PATIENCE = 5.0  # seconds; then everybody in the batch is told to send again
# Keys that senders make up for one request (Idempotency-Key, of single requests and of batches) live for 48
# hours, as everywhere in the product. Ids and hashes of bodies are for ever.
KEY_HOURS = 48
SHORT_LIVED = ("k:", "b:")
_ROUNDS = 4  # a key that lapses, is taken by somebody else, who has another body: more can't come of it


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
    # Anything but `pending` is settled at the door: a test, which nobody has to read.
    state: str = "pending"
    reason: str | None = None
    # The first delivery under this key, of which this is another body. The front door fills it in.
    repeat_of: UUID | None = None
    # Another body under the same key is refused. Else it is kept, as a delivery of its own.
    strict: bool = False
    # `burst` or `flood` above its form's unusual rate.
    mark: str | None = None


@dataclass(frozen=True, slots=True)
class Stored:
    """By each one's id, the id its sender is told; and those whose key belongs to another body."""

    firsts: dict[UUID, UUID] = field(default_factory=dict)
    reused: set[UUID] = field(default_factory=set)


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


def _counted(of: str, changed: str = "0") -> str:
    """Counts today's deliveries by door, and those with another body under a known key."""
    return f"""
    INSERT INTO tallies AS t (day, door, shard, deliveries, changed)
    SELECT current_date, door, {SHARD}, count(*), {changed} FROM {of} GROUP BY door ORDER BY door
    ON CONFLICT (day, door, shard) DO UPDATE
    SET deliveries = t.deliveries + excluded.deliveries, changed = t.changed + excluded.changed"""


INSERT = bulk.insert(
    Delivery,
    NewDelivery,
    only=(
        *("id", "door", "source_id", "body", "dedupe_key", "content_type", "sender", "user_agent"),
        *("traceparent", "state", "reason", "repeat_of", "mark"),
    ),
    computed={
        "body_sha256": "sha256(x.body)",
        "settled_at": "CASE WHEN x.state <> 'pending' THEN now() END",
    },
    on_conflict=bulk.keep("source_id", "dedupe_key", among="dedupe_key IS NOT NULL"),
    returning=("id", "door", "repeat_of"),
)
# One statement, so one round trip and one commit. Only stored rows are counted here: repeats are in REPEAT.
STORE = bulk.Statement(
    f"""
WITH stored AS (
{INSERT.template}
), counted AS ({_counted("stored", "count(repeat_of)")}
)
SELECT id FROM stored
""",
    rows=INSERT.rows,
)
# The same body again is a repeat, of which the hash is kept. What becomes of the others is said to them.
REPEAT = bulk.Statement(
    f"""
WITH found AS (
    SELECT r.id, r.door, r.source_id, r.sender, r.user_agent, r.traceparent, d.id AS first,
           sha256(r.body) AS digest,
           coalesce(coalesce(d.body_sha256, sha256(d.body)) = sha256(r.body), true) AS same,
           left(d.dedupe_key, 2) IN {SHORT_LIVED}
           AND d.received_at < now() - interval '{KEY_HOURS} hours' AS lapsed
    FROM {{r}} JOIN deliveries d ON d.source_id = r.source_id AND d.dedupe_key = r.dedupe_key
), repeats AS (
    SELECT * FROM found WHERE same AND NOT lapsed
), kept AS (
    INSERT INTO deliveries
           (id, door, source_id, sender, user_agent, traceparent, body_sha256, state, repeat_of, settled_at)
    SELECT id, door, source_id, sender, user_agent, traceparent, digest, 'repeat', first, now() FROM repeats
), counted AS ({_counted("repeats")}
)
SELECT id, first, same, lapsed FROM found
""",
    r=bulk.Rows(
        Delivery,
        NewDelivery,
        only=("id", "door", "source_id", "dedupe_key", "body", "sender", "user_agent", "traceparent"),
    ),
)
RELEASE = """
UPDATE deliveries SET dedupe_key = NULL
WHERE id IN (SELECT id FROM deliveries WHERE id = ANY($1::uuid[]) AND dedupe_key IS NOT NULL
             ORDER BY id FOR UPDATE)
"""
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


async def store(connection: Driver, batch: Sequence[NewDelivery], *, rounds: int = _ROUNDS) -> Stored:
    """Write a batch and commit. Who is in neither part of the answer could not be stored."""
    rows = await STORE(connection, rows=batch, timeout=PATIENCE)
    stored = Stored({row[0]: row[0] for row in rows})
    if len(rows) < len(batch) and rounds:
        again = [arrived for arrived in batch if arrived.id not in stored.firsts]
        await _under_known_keys(connection, again, stored, rounds)
    return stored


async def _under_known_keys(
    connection: Driver, arrived: Sequence[NewDelivery], stored: Stored, rounds: int
) -> None:
    """What became of deliveries whose key was there: repeats, changes, and new ones under an old key."""
    by_id = {one.id: one for one in arrived}
    lapsed: list[UUID] = []
    fresh: list[NewDelivery] = []
    for id_, first, is_same, has_lapsed in await REPEAT(connection, r=arrived, timeout=PATIENCE):
        one = by_id[id_]
        if has_lapsed:
            lapsed.append(first)
            fresh.append(one)
        elif is_same:
            stored.firsts[id_] = first
        elif one.strict:
            stored.reused.add(id_)
        else:
            key = key_of_change(one.dedupe_key or "", one.body)
            fresh.append(replace(one, dedupe_key=key, repeat_of=first))
    if lapsed:
        await release_keys(connection, lapsed)
    if fresh:
        more = await store(connection, fresh, rounds=rounds - 1)
        stored.firsts.update(more.firsts)
        stored.reused.update(more.reused)


async def release_keys(connection: Driver, ids: Collection[UUID]) -> None:
    """Let the keys of these deliveries be used anew: they have lapsed, or nothing came of their leads."""
    if ids:
        await connection.execute(RELEASE, list(ids), timeout=PATIENCE)


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
