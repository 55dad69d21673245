"""Events that could not be handled wait here by key, and whatever follows on their key waits behind them.

A retry handles a key's waiting events in the order of their offsets, in one transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

import orjson
from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from shared.database.metadata import metadata
from shared.database.sessions import driver
from shared.events.envelope import Code, Envelope, Event
from shared.messaging import outbox
from shared.messaging.cloudevents import Unreadable

parked_events = Table(
    "parked_events",
    metadata,
    Column("event_id", Uuid, primary_key=True),
    Column("topic", String(120), nullable=False),
    Column("part", Integer, nullable=False),
    Column("off", BigInteger, nullable=False),
    Column("key", String(256), nullable=False),
    Column("type", String(256), nullable=False),
    Column("headers", JSONB, nullable=False, server_default=text("'{}'")),
    Column("data", LargeBinary),
    Column("reason", String(80), nullable=False),
    Column("error", Text),
    Column("attempts", Integer, nullable=False, server_default=text("1")),
    Column("state", String(20), nullable=False, server_default=text("'parked'")),
    Column("note", Text),
    Column("parked_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    Column("ended_at", DateTime(timezone=True)),
    Index("ix_parked_events_waiting", "topic", "key", "off", postgresql_where=text("state = 'parked'")),
)

BEHIND = "behind_a_parked_event"


@dataclass(frozen=True, slots=True)
class Parked:
    """One event to be parked, and why. `error` names a class and a place, never data."""

    event: Envelope | Unreadable
    reason: str
    error: str | None = None


class EventParked(Event):
    """An event was parked by a consumer. Points to the original record; carries none of its data."""

    type: ClassVar[str] = "leadloop.shared.event_parked.v1"

    consumer: Code
    event_id: UUID
    event_type: str
    event_key: str
    original_topic: str
    original_partition: int
    original_offset: int
    reason: Code
    error: str | None = None

    @property
    def topic(self) -> str:  # type: ignore[override]  # one dead-letter topic per consumer group
        return f"dead.{self.consumer}"

    @property
    def key(self) -> str:
        return self.event_key[:120] or str(self.event_id)


async def blocked_keys(session: AsyncSession, keys: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """Which of these (topic, key) pairs have a parked event in front."""
    connection = await driver(session)
    ordered = sorted(keys)
    rows = await connection.fetch(
        "SELECT DISTINCT p.topic, p.key FROM parked_events p "
        "JOIN unnest($1::text[], $2::text[]) AS k(topic, key) ON p.topic = k.topic AND p.key = k.key "
        "WHERE p.state = 'parked'",
        [topic for topic, _ in ordered],
        [key for _, key in ordered],
    )
    return {(row["topic"], row["key"]) for row in rows}


async def park(session: AsyncSession, consumer: str, parked: Sequence[Parked]) -> None:
    """Store events that can't be handled and announce each on the consumer's dead-letter topic."""
    if not parked:
        return
    connection = await driver(session)
    await connection.executemany(
        "INSERT INTO parked_events (event_id, topic, part, off, key, type, headers, data, reason, error) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7::text::jsonb, $8, $9, $10) ON CONFLICT (event_id) DO NOTHING",
        [_row(item) for item in parked],
    )
    await outbox.stage(session, [_announcement(consumer, item) for item in parked])


def _row(item: Parked) -> tuple[Any, ...]:
    event = item.event
    headers = event.headers if isinstance(event, Unreadable) else {"ce_traceparent": event.traceparent or ""}
    return (
        event.id,
        event.topic,
        event.partition,
        event.offset,
        event.key[:256],
        event.type[:256],
        orjson.dumps(headers).decode(),
        event.data,
        item.reason,
        item.error,
    )


def _announcement(consumer: str, item: Parked) -> EventParked:
    event = item.event
    return EventParked(
        version=1,
        consumer=consumer,
        event_id=event.id,
        event_type=event.type,
        event_key=event.key,
        original_topic=event.topic,
        original_partition=event.partition,
        original_offset=event.offset,
        reason=item.reason,
        error=item.error,
        traceparent=event.traceparent if isinstance(event, Envelope) else None,
    )


async def waiting(session: AsyncSession, topic: str, key: str) -> list[Envelope | None]:
    """A key's parked events in the order of their offsets, locked; None for one that is unreadable."""
    connection = await driver(session)
    # The consumer's own lock first: what arrives meanwhile waits, instead of being parked behind nothing.
    await connection.execute(
        "SELECT 1 FROM consumer_offsets WHERE topic = $1 ORDER BY part FOR UPDATE", topic
    )
    rows = await connection.fetch(
        "SELECT event_id, type, key, data, topic, part, off, parked_at, headers->>'ce_traceparent' AS trace, "
        "reason FROM parked_events WHERE state = 'parked' AND topic = $1 AND key = $2 "
        "ORDER BY part, off FOR UPDATE",
        topic,
        key,
    )
    return [
        Envelope(
            id=row["event_id"],
            type=row["type"],
            key=row["key"],
            time=row["parked_at"],
            data=row["data"],
            topic=row["topic"],
            partition=row["part"],
            offset=row["off"],
            traceparent=row["trace"] or None,
        )
        if row["data"] is not None and row["type"]
        else None
        for row in rows
    ]


async def end(
    session: AsyncSession, event_ids: Sequence[UUID], *, state: str, note: str | None = None
) -> int:
    """Mark parked events as `handled` or `discarded`; returns how many were still parked."""
    connection = await driver(session)
    done = await connection.execute(
        "UPDATE parked_events SET state = $2, note = $3, ended_at = now() "
        "WHERE event_id = ANY($1::uuid[]) AND state = 'parked'",
        list(event_ids),
        state,
        note,
    )
    return int(done.split()[-1])
