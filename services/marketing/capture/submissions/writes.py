"""Every SELECT on deliveries and submissions, and the set-based writes of the intake."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from shared.database.sessions import Driver

TAKE_READY = """
SELECT id, item, delivery_id, external_id, details, released, now() AS now FROM submissions
WHERE waits_for = 'processing' AND ($2::uuid IS NULL OR id = $2) ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED
"""


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
