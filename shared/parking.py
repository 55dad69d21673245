"""Events that could not be handled wait here by key, and whatever follows on their key waits behind them."""

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

from shared.plumbing import metadata

parked_event = Table(
    "parked_event",
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
    Index("ix_parked_event_waiting", "topic", "key", "off", postgresql_where=text("state = 'parked'")),
)
