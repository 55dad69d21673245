"""Every SELECT on forms and connections."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from uuid import UUID

from asyncpg import Record
from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.marketing.capture.sources.rules import ConnectionSettings, FormSettings, FormState
from services.marketing.capture.sources.tables import Connection, Form
from shared.database.sessions import Driver, driver

Settings = FormSettings | ConnectionSettings


FORMS = """
SELECT id, key, campaign_id, origins, field_mapping, hand_raiser, honeypot_field, redirect_url, language,
       country, error_url, busiest_hour, hour_began, hour_count, challenge
FROM forms
"""
# A row for each of its secrets; one without any has one row all the same.
CONNECTIONS = """
SELECT c.id, c.key, c.kind, c.campaign_id, c.field_mapping, c.hand_raiser, c.country,
       c.settings,
       s.kind AS secret, s.digest, s.sealed
FROM connections c LEFT JOIN connection_secrets s ON s.connection_id = c.id
"""


def _form(row: Record) -> FormSettings:
    id_, key, campaign_id, origins, mapping, *others = row.values()
    return FormSettings(id_, key, campaign_id, frozenset(origins), mapping, *others)


def _connections(rows: Sequence[Record]) -> Iterator[ConnectionSettings]:
    """Of rows in the order of their connections."""
    for _, several in groupby(rows, key=itemgetter("id")):
        secrets = list(several)
        digests: dict[str, list[bytes]] = {}
        sealed: dict[str, list[bytes]] = {}
        for row in secrets:
            if row["digest"] is not None:
                digests.setdefault(row["secret"], []).append(row["digest"])
            if row["sealed"] is not None:
                sealed.setdefault(row["secret"], []).append(row["sealed"])
        first = secrets[0]
        yield ConnectionSettings(
            id=first["id"],
            key=first["key"],
            kind=first["kind"],
            campaign_id=first["campaign_id"],
            mappings=first["field_mapping"],
            hand_raiser=first["hand_raiser"],
            country=first["country"],
            settings=first["settings"],
            digests=digests,
            sealed=sealed,
        )


async def open_form(session: AsyncSession, key: str) -> FormSettings | None:
    connection = await driver(session)
    row = await connection.fetchrow(f"{FORMS} WHERE key = $1 AND active", key)
    return _form(row) if row is not None else None


async def open_keys(session: AsyncSession) -> frozenset[str]:
    """The keys of all that doors take something for."""
    rows = await (await driver(session)).fetch(
        "SELECT key FROM forms WHERE active UNION ALL SELECT key FROM connections WHERE active"
    )
    return frozenset(row[0] for row in rows)


async def open_connection(session: AsyncSession, key: str) -> ConnectionSettings | None:
    connection = await driver(session)
    rows = await connection.fetch(
        f"{CONNECTIONS} WHERE c.key = $1 AND c.active ORDER BY c.id, s.created_at", key
    )
    return next(_connections(rows), None)


async def outermost_secrets(connection: Driver) -> Sequence[Record]:
    """The oldest sealed secret and the newest: none, one or two rows."""
    of = "SELECT connection_id, sealed FROM connection_secrets WHERE sealed IS NOT NULL ORDER BY id"
    return await connection.fetch(f"({of} LIMIT 1) UNION ({of} DESC LIMIT 1)")


async def secrets_after(connection: Driver, after: UUID, *, most: int) -> Sequence[Record]:
    """What is kept of secrets, in the order they were given."""
    return await connection.fetch(
        "SELECT id, connection_id, sealed FROM connection_secrets WHERE id > $1 ORDER BY id LIMIT $2",
        after,
        most,
    )


async def settings_by_id(connection: Driver, ids: Collection[UUID]) -> Mapping[UUID, Settings]:
    """Forms and connections by id, also those no longer active: what they brought is still read."""
    if not ids:
        return {}
    forms = map(_form, await connection.fetch(f"{FORMS} WHERE id = ANY($1::uuid[])", list(ids)))
    found: dict[UUID, Settings] = {form.id: form for form in forms}
    if len(found) < len(ids):
        rows = await connection.fetch(
            f"{CONNECTIONS} WHERE c.id = ANY($1::uuid[]) ORDER BY c.id, s.created_at", list(ids)
        )
        found |= {known.id: known for known in _connections(rows)}
    return found


async def form_by_id(session: AsyncSession, form_id: UUID, *, lock: bool = False) -> Form | None:
    return await session.get(Form, form_id, with_for_update=lock)


async def connection_by_id(
    session: AsyncSession, connection_id: UUID, *, lock: bool = False
) -> Connection | None:
    return await session.get(Connection, connection_id, with_for_update=lock)


async def form_by_key(session: AsyncSession, key: str) -> Form | None:
    """The form of this public key, if it is open."""
    return (await session.scalars(select(Form).where(Form.key == key, Form.active))).one_or_none()


async def open_forms(connection: Driver) -> list[FormState]:
    """How every open form does, as far as was noted."""
    rows = await connection.fetch("SELECT id, state, state_reason, state_since FROM forms WHERE active")
    return [FormState(*row) for row in rows]


async def busiest_hours(connection: Driver, ids: Collection[UUID], *, before: datetime) -> Mapping[UUID, int]:
    """The most posts each of these forms got in an hour of the 28 days before this one."""
    rows = await connection.fetch(
        "SELECT form_id, max(arrivals) FROM form_hours WHERE form_id = ANY($1::uuid[]) "
        "AND hour < $2 AND hour >= $2 - interval '28 days' GROUP BY 1",
        list(ids),
        before,
    )
    return {row[0]: row[1] for row in rows}


def forms(state: str | None = None) -> Select[Form]:
    query = select(Form)
    return query.where(Form.state == state, Form.active) if state else query


def connections(kind: str | None) -> Select[Connection]:
    query = select(Connection)
    return query.where(Connection.kind == kind) if kind else query


async def note_deliveries(connection: Driver, latest: Mapping[UUID, datetime]) -> None:
    """Remember when each of these connections last brought something."""
    ordered = sorted(latest)
    await connection.execute(
        "WITH locked AS "
        "(SELECT id FROM connections WHERE id = ANY($1::uuid[]) ORDER BY id FOR NO KEY UPDATE) "
        "UPDATE connections c SET last_delivery_at = greatest(c.last_delivery_at, x.t) "
        "FROM locked, unnest($1::uuid[], $2::timestamptz[]) AS x(i, t) WHERE c.id = locked.id AND c.id = x.i",
        ordered,
        [latest[one] for one in ordered],
    )


async def set_health(connection: Driver, ids: Collection[UUID], health: str, reason: str | None) -> None:
    """Note how these connections do: `ok`, or `needs_attention` with a reason."""
    await connection.execute(
        "UPDATE connections SET health = $2, health_reason = $3, health_at = now() "
        "WHERE id IN (SELECT id FROM connections WHERE id = ANY($1::uuid[]) ORDER BY id FOR NO KEY UPDATE) "
        "AND (health, health_reason) IS DISTINCT FROM ($2, $3)",
        sorted(ids),
        health,
        reason,
    )
