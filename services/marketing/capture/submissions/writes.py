"""Every SELECT on deliveries and submissions, and the set-based writes of the intake."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from shared.database.sessions import Driver

MOST_BYTES = 512 * 1024  # of bodies in one batch, so that a batch of batches stays a short transaction

TAKE = """
WITH taken AS (
    SELECT id, coalesce(octet_length(body), 0) AS size FROM deliveries
    WHERE state = 'pending' AND ($2::uuid IS NULL OR id = $2)
    ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED
), counted AS (
    SELECT id, sum(size) OVER (ORDER BY id ROWS UNBOUNDED PRECEDING) - size AS before FROM taken
)
SELECT d.id, d.door, d.source_id, d.body, d.content_type, d.traceparent, d.received_at, now() AS now
FROM counted c JOIN deliveries d ON d.id = c.id WHERE c.before < $3 ORDER BY d.id
"""
TAKE_READY = """
SELECT id, item, delivery_id, external_id, details, released, now() AS now FROM submissions
WHERE waits_for = 'processing' AND ($2::uuid IS NULL OR id = $2) ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED
"""
SETTLE_DELIVERIES = """
WITH counted AS (
    INSERT INTO tallies (day, door, shard, submissions)
    SELECT d, o, $7, n FROM unnest($4::date[], $5::text[], $6::bigint[]) AS x(d, o, n)
    ON CONFLICT (day, door, shard) DO UPDATE SET submissions = tallies.submissions + excluded.submissions
)
UPDATE deliveries d SET state = x.s, reason = x.r, settled_at = now()
FROM unnest($1::uuid[], $2::text[], $3::text[]) AS x(i, s, r) WHERE d.id = x.i
"""


@dataclass(frozen=True, slots=True)
class Raw:
    """A stored delivery as the adapters read it."""

    id: UUID
    door: str
    source_id: UUID
    body: bytes
    content_type: str | None
    traceparent: str | None
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Leased:
    """A submission whose details are being asked for; nobody else asks until the lease runs out."""

    id: UUID
    external_id: str
    source_id: UUID
    attempts: int


@dataclass(frozen=True, slots=True)
class Ready:
    """A submission that waits for nothing but us: its details have come, or somebody asked for a replay."""

    id: UUID
    item: int
    delivery_id: UUID
    external_id: str | None
    details: bytes | None
    released: bool


async def take_deliveries(
    connection: Driver, *, most: int, only: UUID | None = None
) -> tuple[list[Raw], datetime | None]:
    """The oldest pending deliveries, locked until the commit, and the database's time."""
    rows = await connection.fetch(TAKE, most, only, MOST_BYTES)
    raws = [Raw(r[0], r[1], r[2], r[3] or b"", r[4], r[5], r[6]) for r in rows]
    return raws, (rows[0]["now"] if rows else None)


async def pending_ids(connection: Driver, most: int) -> list[UUID]:
    rows = await connection.fetch(
        "SELECT id FROM deliveries WHERE state = 'pending' ORDER BY id LIMIT $1", most
    )
    return [row[0] for row in rows]


async def ready_ids(connection: Driver, most: int) -> list[UUID]:
    rows = await connection.fetch(
        "SELECT id FROM submissions WHERE waits_for = 'processing' ORDER BY id LIMIT $1", most
    )
    return [row[0] for row in rows]


async def take_ready(
    connection: Driver, *, most: int, only: UUID | None = None
) -> tuple[list[Ready], datetime | None]:
    """Submissions that can be processed now, locked until the commit, and the database's time."""
    rows = await connection.fetch(TAKE_READY, most, only)
    return [Ready(*tuple(row)[:-1]) for row in rows], (rows[0]["now"] if rows else None)


async def deliveries_by_id(connection: Driver, ids: Collection[UUID]) -> dict[UUID, Raw]:
    rows = await connection.fetch(
        "SELECT id, door, source_id, body, content_type, traceparent, received_at FROM deliveries "
        "WHERE id = ANY($1::uuid[])",
        list(ids),
    )
    return {r[0]: Raw(r[0], r[1], r[2], r[3] or b"", r[4], r[5], r[6]) for r in rows}


async def settle_deliveries(
    connection: Driver,
    settled: Sequence[tuple[UUID, str, str | None]],
    submissions: Mapping[tuple[date, str], int],
    shard: int,
) -> None:
    """Write what became of these deliveries: (id, state, reason).

    And how many submissions were made, by the day and door of their delivery.
    """
    days = sorted(submissions)
    await connection.execute(
        SETTLE_DELIVERIES,
        [id_ for id_, _, _ in settled],
        [state for _, state, _ in settled],
        [reason for _, _, reason in settled],
        [day for day, _ in days],
        [door for _, door in days],
        [submissions[key] for key in days],
        shard,
    )


async def known_external_ids(
    connection: Driver, pairs: Collection[tuple[UUID, str]]
) -> set[tuple[UUID, str]]:
    """Which of these (source, external id) have a submission already."""
    if not pairs:
        return set()
    rows = await connection.fetch(
        "SELECT s.source_id, s.external_id FROM submissions s "
        "JOIN unnest($1::uuid[], $2::text[]) AS x(source_id, external_id) "
        "ON s.source_id = x.source_id AND s.external_id = x.external_id",
        [source for source, _ in pairs],
        [external for _, external in pairs],
    )
    return {(row[0], row[1]) for row in rows}


async def quarantine(connection: Driver, submission_id: UUID, reason: str, detail: str | None = None) -> None:
    """Set a submission aside until somebody replays it."""
    await connection.execute(
        "UPDATE submissions SET state = 'quarantined', waits_for = NULL, reason = $2, detail = $3, "
        "lease_until = NULL, next_attempt_at = NULL, settled_at = now() WHERE id = $1",
        submission_id,
        reason,
        detail,
    )


async def lease(connection: Driver, *, most: int, lease: timedelta) -> list[Leased]:
    """Take submissions whose details are due, the longest due first."""
    rows = await connection.fetch(
        "WITH due AS (SELECT id FROM submissions WHERE waits_for = 'details' AND next_attempt_at <= now() "
        "AND (lease_until IS NULL OR lease_until < now()) "
        "ORDER BY next_attempt_at LIMIT $1 FOR UPDATE SKIP LOCKED) "
        "UPDATE submissions s SET lease_until = now() + $2::interval, attempts = s.attempts + 1 "
        "FROM due WHERE s.id = due.id RETURNING s.id, s.external_id, s.source_id, s.attempts",
        most,
        lease,
    )
    return [Leased(row[0], row[1] or "", row[2], row[3]) for row in rows]


async def store_details(connection: Driver, details: Sequence[tuple[UUID, bytes]]) -> None:
    """Details have come: what is left is ours to do."""
    await connection.execute(
        "UPDATE submissions s SET details = x.d, waits_for = 'processing', reason = NULL, "
        "lease_until = NULL, next_attempt_at = NULL FROM unnest($1::uuid[], $2::bytea[]) AS x(i, d) "
        "WHERE s.id = x.i AND s.waits_for = 'details'",
        [id_ for id_, _ in details],
        [body for _, body in details],
    )


async def wait_again(connection: Driver, waits: Sequence[tuple[UUID, str, timedelta]]) -> None:
    """Ask again later; `reason` says what the last answer was."""
    await connection.execute(
        "UPDATE submissions s SET reason = x.r, lease_until = NULL, next_attempt_at = now() + x.p "
        "FROM unnest($1::uuid[], $2::text[], $3::interval[]) AS x(i, r, p) "
        "WHERE s.id = x.i AND s.waits_for = 'details'",
        [id_ for id_, _, _ in waits],
        [reason for _, reason, _ in waits],
        [pause for _, _, pause in waits],
    )
