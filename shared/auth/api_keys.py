"""API keys of other servers: `sk_…`, shown once, stored as a hash, with scopes and an end.

A key is 256 random bits, so a plain SHA-256 is enough: there is nothing to guess that a slow
hash would protect, and every request pays for the hash.
"""

import base64
import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from shared.database.edge_tables import api_keys

PREFIX = "sk_"


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as its administrators see it: everything but the key."""

    id: UUID
    name: str
    start: str
    scopes: tuple[str, ...]
    created_by: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


def invent_key() -> str:
    """A new key. It is shown to its owner once and stored nowhere."""
    return PREFIX + base64.urlsafe_b64encode(secrets.token_bytes(32)).rstrip(b"=").decode()


def hash_key(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()


async def add_key(
    session: AsyncSession,
    *,
    id: UUID,
    key: str,
    name: str,
    scopes: Sequence[str],
    created_by: str,
    expires_at: datetime,
) -> None:
    """Store a key, as its hash, in the session's transaction."""
    values = {"id": id, "name": name, "start": key[:8], "hash": hash_key(key), "scopes": sorted(set(scopes))}
    await session.execute(insert(api_keys).values(**values, created_by=created_by, expires_at=expires_at))


async def find_valid_key(session: AsyncSession, key: str) -> tuple[UUID, frozenset[str]] | None:
    """Id and scopes of the key, unless it is unknown, revoked or past its end (by the database's clock)."""
    found = select(api_keys.c.id, api_keys.c.scopes).where(
        api_keys.c.hash == hash_key(key),
        api_keys.c.revoked_at.is_(None),
        api_keys.c.expires_at > func.now(),
    )
    row = (await session.execute(found)).one_or_none()
    return (row.id, frozenset(row.scopes)) if row is not None else None


async def list_keys(session: AsyncSession) -> list[ApiKey]:
    """Every key, the newest first, revoked and expired ones too."""
    shown = [column for column in api_keys.c if column.name != "hash"]
    rows = await session.execute(select(*shown).order_by(api_keys.c.created_at.desc(), api_keys.c.id))
    return [ApiKey(**{**row._mapping, "scopes": tuple(row.scopes)}) for row in rows]


async def revoke_key(session: AsyncSession, id: UUID) -> bool:
    """End a key now. False when there is none with this id; revoking twice keeps the first time."""
    ended = (
        update(api_keys)
        .where(api_keys.c.id == id)
        .values(revoked_at=func.coalesce(api_keys.c.revoked_at, func.now()))
        .returning(api_keys.c.id)
    )
    return (await session.execute(ended)).one_or_none() is not None
