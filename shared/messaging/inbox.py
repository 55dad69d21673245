"""Remembers which events this service has handled, so a second delivery changes nothing."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import BigInteger, Column, DateTime, Index, Integer, String, Table, Uuid, text
from sqlalchemy.ext.asyncio import AsyncSession

from shared.database.metadata import metadata
from shared.database.sessions import driver
from shared.events.envelope import Envelope

inbox = Table(
    "inbox",
    metadata,
    Column("event_id", Uuid, primary_key=True),
    Column("topic", String(120), nullable=False),
    Column("part", Integer, nullable=False),
    Column("off", BigInteger, nullable=False),
    Column("done_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    Index("ix_inbox_done_at", "done_at"),
)

# An audit, and the lock on which the owner of a partition and a zombie take turns. Not the truth:
# the truth is the event ids above. An offset that looks old with an unknown id is handled.
consumer_offsets = Table(
    "consumer_offsets",
    metadata,
    Column("topic", String(120), primary_key=True),
    Column("part", Integer, primary_key=True),
    Column("next_offset", BigInteger, nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
)


async def claim(session: AsyncSession, envelopes: Sequence[Envelope]) -> list[Envelope]:
    """Claim these events and return the ones never seen before, in the order given.

    The claim commits or rolls back with the handlers' own writes, so a crash
    half-way leaves nothing behind and the batch is simply handled again.
    """
    if not envelopes:
        return []
    first = first_copies(envelopes)
    connection = await driver(session)
    # Sorted, so that two batches that share events wait for each other instead of deadlocking.
    rows = sorted(first, key=lambda envelope: envelope.id)
    claimed = await connection.fetch(
        "INSERT INTO inbox (event_id, topic, part, off) "
        "SELECT * FROM unnest($1::uuid[], $2::text[], $3::int[], $4::bigint[]) "
        "ON CONFLICT DO NOTHING RETURNING event_id",
        [envelope.id for envelope in rows],
        [envelope.topic for envelope in rows],
        [envelope.partition for envelope in rows],
        [envelope.offset for envelope in rows],
    )
    new: set[UUID] = {row["event_id"] for row in claimed}
    return [envelope for envelope in first if envelope.id in new]


def first_copies(envelopes: Sequence[Envelope]) -> list[Envelope]:
    """Each event once, where it came first."""
    kept: dict[UUID, Envelope] = {}
    for envelope in envelopes:
        kept.setdefault(envelope.id, envelope)
    return list(kept.values())
