"""The tables behind the HTTP edge, in every service's database. Apart from the code, so that a worker,
which only migrates and checks them, does not load a web framework."""

from datetime import timedelta
from typing import Any, cast

from sqlalchemy import (
    Column,
    CursorResult,
    DateTime,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    Text,
    Uuid,
    delete,
    func,
    select,
    text,
    tuple_,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from shared.database.metadata import metadata

KEPT_HOURS = 48
BITE = 1000

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


async def forget_answers(session: AsyncSession) -> int:
    """Delete stored answers older than 48 hours, a thousand at most. How many went."""
    key = (idempotency.c.caller, idempotency.c.route, idempotency.c.key_hash)
    old = select(*key).where(idempotency.c.created_at <= func.now() - timedelta(hours=KEPT_HOURS)).limit(BITE)
    gone = await session.execute(delete(idempotency).where(tuple_(*key).in_(old)))
    return cast(CursorResult[Any], gone).rowcount
