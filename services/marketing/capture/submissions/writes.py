"""The set-based writes of the intake."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.marketing.capture.deliveries.tables import BURST
from services.marketing.capture.submissions import rules
from services.marketing.capture.submissions.rules import Item, State
from services.marketing.capture.submissions.tables import ASKING, Submission
from shared.database import bulk
from shared.database.sessions import Driver, driver


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmissionRow:
    """A submission as it is written when it is new, and again when it was processed."""

    id: UUID
    delivery_id: UUID
    item: int
    door: str
    source_id: UUID
    external_id: str | None
    state: State
    waits_for: str | None
    reason: str | None
    detail: str | None
    captured: dict[str, Any]
    contact_id: UUID | None
    lead_id: UUID | None
    campaign_id: UUID | None
    traceparent: str | None
    received_at: datetime
    occurred_at: datetime
    backfilled: bool
    settled_at: datetime | None
    next_attempt_at: datetime | None
    content_hash: bytes | None
    flag: str | None
    hand_raiser: bool


class Details(NamedTuple):
    id: UUID
    details: bytes


class Wait(NamedTuple):
    id: UUID
    reason: str
    pause: timedelta


SAVE = bulk.insert(
    Submission,
    SubmissionRow,
    on_conflict=bulk.replace(
        "id",
        keeps=("delivery_id", "item", "door", "source_id", "external_id", "traceparent", "received_at"),
    ),
)
STORE_DETAILS = bulk.update(
    Submission,
    Details,
    key=("id",),
    computed={
        "waits_for": "'processing'",
        "tries": "0",
        "reason": "NULL",
        "lease_until": "NULL",
        "next_attempt_at": "NULL",
    },
    where="t.waits_for = 'details'",
)
WAIT_AGAIN = bulk.Statement(
    "UPDATE submissions s SET reason = x.reason, lease_until = NULL, next_attempt_at = now() + x.pause "
    "FROM {x} WHERE s.id = x.id AND s.waits_for = 'details'",
    x=bulk.Rows(Submission, Wait, types={"pause": "interval"}),
)


async def save(session: AsyncSession, items: Sequence[Item], *, now: datetime) -> None:
    """Write submissions: new ones, and new states of known ones."""
    await SAVE(await driver(session), [_row_of(item, now) for item in items])


def _row_of(item: Item, now: datetime) -> SubmissionRow:
    occurred_at, backfilled = rules.when(item.lead, item.raw.received_at)
    return SubmissionRow(
        id=item.id,
        delivery_id=item.raw.id,
        item=item.number,
        door=item.raw.door,
        source_id=item.raw.source_id,
        external_id=item.lead.external_id,
        state=item.state,
        waits_for=item.waits_for,
        reason=item.reason,
        detail=item.detail,
        captured=rules.captured(item.lead),
        contact_id=item.contact_id,
        lead_id=item.lead_id,
        campaign_id=item.campaign.id if item.campaign else None,
        traceparent=item.raw.traceparent,
        received_at=item.raw.received_at,
        occurred_at=occurred_at,
        backfilled=backfilled,
        content_hash=item.content_hash,
        flag=rules.UNVERIFIED if rules.is_unverified(item) else BURST if item.raw.mark else None,
        hand_raiser=item.lead.hand_raiser,
        settled_at=None if item.state == "pending" else now,
        next_attempt_at=now if item.waits_for == "details" else None,
    )


@dataclass(frozen=True, slots=True)
class Ready:
    """A submission that waits for nothing but us: its details have come, or somebody asked for a replay."""

    id: UUID
    item: int
    delivery_id: UUID
    external_id: str | None
    details: bytes | None
    released: bool
    tries: int


# Those begun least often go first: all that were never begun, a few of those that failed together, one alone.
CLAIM_READY = """
WITH waiting AS (
    SELECT id, tries FROM submissions
    WHERE waits_for = 'processing' AND (lease_until IS NULL OR lease_until <= now())
    ORDER BY tries, id LIMIT $1 FOR UPDATE SKIP LOCKED
), placed AS (
    SELECT id, tries, row_number() OVER (ORDER BY tries, id) AS place, min(tries) OVER () AS least
    FROM waiting
), chosen AS (
    SELECT id FROM placed
    WHERE tries = least AND place <= CASE least WHEN 0 THEN $1 WHEN 1 THEN $2 ELSE 1 END
)
UPDATE submissions s SET tries = s.tries + 1, lease_until = now() + $3::interval FROM chosen c
WHERE s.id = c.id
RETURNING s.id, s.item, s.delivery_id, s.external_id, s.details, s.released, s.tries
"""


async def claim_ready(connection: Driver, *, most: int, few: int, lease: timedelta) -> list[Ready]:
    """Submissions that wait for nothing but us: begun by this worker from now on, and counted as begun."""
    rows = await connection.fetch(CLAIM_READY, most, few, lease)
    return sorted((Ready(*row) for row in rows), key=lambda one: one.id)


async def let_go(connection: Driver, ids: Sequence[UUID], *, after: timedelta = timedelta()) -> None:
    """Somebody may process these again, at once or after a pause."""
    await connection.execute(
        "UPDATE submissions SET lease_until = now() + $2::interval "
        "WHERE id = ANY($1::uuid[]) AND waits_for = 'processing'",
        ids,
        after,
    )


@dataclass(frozen=True, slots=True)
class Leased:
    """A submission whose details are being asked for; nobody else asks until the lease runs out."""

    id: UUID
    external_id: str
    source_id: UUID
    attempts: int


async def quarantine(connection: Driver, submission_id: UUID, reason: str, detail: str | None = None) -> None:
    """Set a submission aside until somebody replays it."""
    await connection.execute(
        "UPDATE submissions SET state = 'quarantined', waits_for = NULL, reason = $2, detail = $3, "
        "lease_until = NULL, next_attempt_at = NULL, settled_at = now() WHERE id = $1",
        submission_id,
        reason,
        detail,
    )


@dataclass(frozen=True, slots=True)
class Alarm:
    """Somebody who asks to be contacted and is in quarantine."""

    id: UUID
    source_id: UUID
    reason: str | None
    received_at: datetime


async def alarm(connection: Driver, *, most: int) -> list[Alarm]:
    """Hand-raisers in quarantine of whom nobody was told; from now on somebody was.

    Not those that somebody took back: whoever did knows of them.
    """
    rows = await connection.fetch(
        f"WITH asking AS (SELECT id FROM submissions WHERE {ASKING} AND alarmed_at IS NULL "
        "ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED) "
        "UPDATE submissions s SET alarmed_at = now() FROM asking WHERE s.id = asking.id "
        "RETURNING s.id, s.source_id, s.reason, s.received_at",
        most,
    )
    return [Alarm(*row) for row in rows]


async def withdraw(connection: Driver, ids: Collection[UUID], *, reason: str, detail: str) -> None:
    """Set aside, until somebody replays them, submissions that had made or joined a lead."""
    await connection.execute(
        "UPDATE submissions SET state = 'quarantined', reason = $2, detail = $3, settled_at = now(), "
        "withdrawn_at = now() WHERE id = ANY($1::uuid[])",
        list(ids),
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
    await STORE_DETAILS(connection, [Details(*one) for one in details])


async def wait_again(connection: Driver, waits: Sequence[tuple[UUID, str, timedelta]]) -> None:
    """Ask again later; `reason` says what the last answer was."""
    await WAIT_AGAIN(connection, x=[Wait(*one) for one in waits])
