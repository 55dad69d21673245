"""What an operator does about events that wait: look, try again, or give up on one with a reason.

Parked events are those a consumer could not handle; the outbox's are those Kafka would not take.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from shared.database.sessions import Sessions, database_time, driver
from shared.errors import ConflictError, NotFoundError
from shared.messaging import inbox, parking
from shared.messaging.subscriptions import Context, Subscriptions

Row = dict[str, Any]


async def parked_events(session: AsyncSession, *, state: str = "parked", limit: int = 100) -> list[Row]:
    """Parked events, oldest first, without their data."""
    connection = await driver(session)
    rows = await connection.fetch(
        "SELECT event_id, topic, part, off, key, type, reason, error, attempts, state, note, parked_at, "
        "ended_at FROM parked_events WHERE state = $1 ORDER BY parked_at, topic, part, off LIMIT $2",
        state,
        limit,
    )
    return [dict(row) for row in rows]


async def parked_event(session: AsyncSession, event_id: UUID) -> Row:
    """One parked event with its data. Raises NotFoundError."""
    connection = await driver(session)
    row = await connection.fetchrow("SELECT * FROM parked_events WHERE event_id = $1", event_id)
    if row is None:
        raise NotFoundError(f"No event {event_id} is parked here.")
    return dict(row)


async def retry_event(sessions: Sessions, subscriptions: Subscriptions, event_id: UUID) -> int:
    """Handle one parked event. Raises ConflictError when another one of its key has to go first."""
    async with sessions.begin() as session:
        row = await parked_event(session, event_id)
        waiting = await parking.waiting(session, row["topic"], row["key"])
        if row["state"] != "parked":
            raise ConflictError(f"The event is {row['state']}, not parked.")
        first = waiting[0]
        if first is not None and first.id != event_id:
            raise ConflictError(f"Event {first.id} of the same key comes first; retry the key instead.")
        return await _handle(session, subscriptions, waiting[:1])


async def retry_key(sessions: Sessions, subscriptions: Subscriptions, topic: str, key: str) -> int:
    """Handle everything that waits on a key, in order, in one transaction; returns how many events.

    Raises what the handler raises, with nothing changed.
    """
    async with sessions.begin() as session:
        waiting = await parking.waiting(session, topic, key)
        if not waiting:
            raise NotFoundError(f"Nothing is parked on key {key} of {topic}.")
        return await _handle(session, subscriptions, waiting)


async def _handle(session: AsyncSession, subscriptions: Subscriptions, waiting: Sequence[Any]) -> int:
    if any(item is None or subscriptions.event_class(item.type) is None for item in waiting):
        raise ConflictError(
            "An event in front can't be read by this version: discard it, or deploy one that can."
        )
    context = Context(session, now=await database_time(session))
    await subscriptions.handle(context, await inbox.claim(session, waiting))
    return await parking.end(session, [envelope.id for envelope in waiting], state="handled")


async def discard_event(sessions: Sessions, event_id: UUID, *, reason: str) -> None:
    """Give up on a parked event for good. What follows on its key goes on waiting for a retry."""
    async with sessions.begin() as session:
        row = await parked_event(session, event_id)
        if not await parking.end(session, [event_id], state="discarded", note=reason):
            raise ConflictError(f"The event is {row['state']}, not parked.")
        # Claimed, so that the same event arriving once more changes nothing either.
        connection = await driver(session)
        await connection.execute(
            "INSERT INTO inbox (event_id, topic, part, off) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
            event_id,
            row["topic"],
            row["part"],
            row["off"],
        )


async def outbox_waiting(session: AsyncSession, *, limit: int = 100) -> list[Row]:
    """Events that have not left: parked ones first, then pending ones, each oldest first."""
    connection = await driver(session)
    rows = await connection.fetch(
        "SELECT 'parked' AS state, p.id, o.event_id, p.topic, p.key, o.type, o.version, p.created_at, "
        "p.error "
        "FROM outbox_parked p JOIN outbox o USING (id, created_at) WHERE p.discarded_at IS NULL "
        "UNION ALL "
        "SELECT 'pending', p.id, o.event_id, o.topic, o.key, o.type, o.version, p.created_at, NULL "
        "FROM outbox_pending p JOIN outbox o USING (id, created_at) ORDER BY state, id LIMIT $1",
        limit,
    )
    return [dict(row) for row in rows]


async def outbox_event(session: AsyncSession, row_id: int) -> Row:
    """One event of the outbox log with its data and whether it has left. Raises NotFoundError."""
    connection = await driver(session)
    row = await connection.fetchrow(
        "SELECT o.*, p.error, p.note, p.discarded_at, CASE WHEN q.id IS NOT NULL THEN 'pending' "
        "WHEN p.id IS NULL THEN 'sent' WHEN p.discarded_at IS NULL THEN 'parked' ELSE 'discarded' END "
        "AS state FROM outbox o LEFT JOIN outbox_parked p USING (id) LEFT JOIN outbox_pending q USING (id) "
        "WHERE o.id = $1",
        row_id,
    )
    if row is None:
        raise NotFoundError(f"No event {row_id} in the outbox.")
    return dict(row)


async def resend_key(sessions: Sessions, topic: str, key: str) -> int:
    """Put everything parked on a key back into the queue, in order; returns how many events."""
    async with sessions.begin() as session:
        connection = await driver(session)
        # Held first: a relay that parks another event behind them is done then, and that event is seen, too.
        await connection.execute(
            "SELECT FROM outbox_parked WHERE topic = $1 AND key = $2 AND discarded_at IS NULL "
            "ORDER BY id FOR UPDATE",
            topic,
            key,
        )
        done = await connection.execute(
            "WITH back AS (DELETE FROM outbox_parked "
            "WHERE topic = $1 AND key = $2 AND discarded_at IS NULL RETURNING id, created_at) "
            "INSERT INTO outbox_pending (id, created_at) SELECT id, created_at FROM back",
            topic,
            key,
        )
    if done == "INSERT 0 0":
        raise NotFoundError(f"Nothing is parked on key {key} of {topic}.")
    return int(done.split()[-1])


async def republish_key(sessions: Sessions, topic: str, key: str) -> int:
    """Send everything the log has of a key again, in order; returns how many events.

    Who has handled them ignores them. Raises NotFoundError, and ConflictError while one of them is parked.
    """
    async with sessions.begin() as session:
        connection = await driver(session)
        # Events of a key leave oldest first; behind a parked one they would only be parked, too.
        if await connection.fetchval(
            "SELECT EXISTS (SELECT FROM outbox_parked "
            "WHERE topic = $1 AND key = $2 AND discarded_at IS NULL)",
            topic,
            key,
        ):
            raise ConflictError(f"Events of key {key} are parked: `outbox retry-key` comes first.")
        done = await connection.execute(
            "INSERT INTO outbox_pending (id, created_at) SELECT o.id, o.created_at FROM outbox o "
            "WHERE o.topic = $1 AND o.key = $2 "
            "AND NOT EXISTS (SELECT FROM outbox_parked p WHERE p.id = o.id) ON CONFLICT DO NOTHING",
            topic,
            key,
        )
        known = await connection.fetchval(
            "SELECT EXISTS (SELECT FROM outbox WHERE topic = $1 AND key = $2)", topic, key
        )
    if not known:
        raise NotFoundError(f"The log has nothing of key {key} of {topic}; it keeps 30 days.")
    return int(done.split()[-1])


async def discard_outgoing(sessions: Sessions, row_id: int, *, reason: str) -> None:
    """Never send a parked event of the outbox. Readers will see a gap in its key's versions."""
    async with sessions.begin() as session:
        connection = await driver(session)
        done = await connection.execute(
            "UPDATE outbox_parked SET discarded_at = now(), note = $2 WHERE id = $1 AND discarded_at IS NULL",
            row_id,
            reason,
        )
    if done == "UPDATE 0":
        raise NotFoundError(f"No event {row_id} is parked in the outbox.")
