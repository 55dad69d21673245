"""The tables behind the HTTP edge, in every service's database. Apart from the code, so that a worker,
which only migrates and checks them, does not load a web framework."""

from sqlalchemy import (
    Column,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from shared.database.metadata import metadata

KEPT_DAYS = 2

idempotency = Table(
    "idempotency",
    metadata,
    Column("caller", String(240), primary_key=True),
    Column("route", String(400), primary_key=True),
    Column("key_hash", LargeBinary, primary_key=True),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("status", SmallInteger, nullable=False),
    Column("headers", JSONB, nullable=False),
    Column("body", LargeBinary, nullable=False, comment="AES-GCM: nonce and ciphertext"),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    Index("ix_idempotency_created_at", "created_at"),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("name", String(120), nullable=False),
    Column("start", String(12), nullable=False, comment="its first characters, to recognise it by"),
    Column("hash", LargeBinary, nullable=False, unique=True),
    Column("scopes", ARRAY(Text), nullable=False),
    Column("created_by", String(200), nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("revoked_at", DateTime(timezone=True)),
)

audit_events = Table(
    "audit_events",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    Column("since", DateTime(timezone=True)),
    Column("number", Integer, nullable=False, server_default=text("1")),
    Column("subject", String(240), nullable=False),
    Column("kind", String(10), nullable=False),
    Column("roles", ARRAY(Text), nullable=False),
    Column("credential", String(240), nullable=False),
    Column("address", String(60)),
    Column("request_id", String(64), nullable=False),
    Column("method", String(10), nullable=False),
    Column("route", String(400), nullable=False),
    Column("object_kind", String(60), nullable=False),
    Column("object_id", String(200)),
    Column("status", SmallInteger, nullable=False),
    Column("changes", JSONB, nullable=False),
    Index("ix_audit_events_at", "at"),
    Index("ix_audit_events_object", "object_kind", "object_id", "id"),
    Index("ix_audit_events_subject", "subject", "id"),
)
