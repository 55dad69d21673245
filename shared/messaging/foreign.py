"""Events on our topics that no outbox sent: remembered as given up, so that they change nothing any more."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from shared.database.sessions import Driver, driver
from shared.events.envelope import Envelope, Event, all_events
from shared.messaging import inbox
from shared.messaging.cloudevents import Unreadable

FOREIGN = "foreign"  # why such an event was discarded, and why a lead it told of is taken back
GIVE_UP = """
INSERT INTO parked_events (event_id, topic, part, off, key, type, data, reason, state, note, ended_at)
SELECT x.*, $8, 'discarded', $9, now()
FROM unnest($1::uuid[], $2::text[], $3::int[], $4::bigint[], $5::text[], $6::text[], $7::bytea[]) AS x
ON CONFLICT (event_id) DO UPDATE
SET state = 'discarded', reason = excluded.reason, note = excluded.note, ended_at = now()
"""
GIVEN_UP = "SELECT event_id FROM parked_events WHERE state = 'discarded' AND reason = $1"


async def hold_still(session: AsyncSession, topics: Collection[str]) -> None:
    """Until the commit, no consumer of this service handles anything of these topics."""
    connection = await driver(session)
    await connection.execute(
        "SELECT FROM consumer_offsets WHERE topic = ANY($1::text[]) ORDER BY topic, part FOR UPDATE",
        list(topics),
    )


async def give_up(session: AsyncSession, events: Sequence[Envelope | Unreadable], *, note: str) -> None:
    """Keep these as discarded, with what was in them; should they come again, they change nothing."""
    connection = await driver(session)
    columns: tuple[list[object], ...] = ([], [], [], [], [], [], [])
    for event in events:
        values = (event.id, event.topic, event.partition, event.offset)
        for column, value in zip(
            columns, (*values, event.key[:256], event.type[:256], event.data), strict=True
        ):
            column.append(value)
    await connection.execute(GIVE_UP, *columns, FOREIGN, note)
    await connection.execute(
        "INSERT INTO inbox (event_id, topic, part, off) "
        "SELECT * FROM unnest($1::uuid[], $2::text[], $3::int[], $4::bigint[]) ON CONFLICT DO NOTHING",
        *columns[:4],
    )


async def given_up(connection: Driver) -> set[UUID]:
    """Every foreign event that was withdrawn here."""
    return {row["event_id"] for row in await connection.fetch(GIVEN_UP, FOREIGN)}


def read(envelopes: Sequence[Envelope]) -> list[Event]:
    """What they say. One that says nothing we know did nothing, and is left out."""
    classes = {event.type: event for event in all_events()}
    found: list[Event] = []
    for envelope in inbox.first_copies(envelopes):
        try:
            found.append(classes[envelope.type].read(envelope.data, envelope.traceparent))
        except (KeyError, ValueError):
            continue
    return found
