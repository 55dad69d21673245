"""Every SELECT on forms and connections."""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.marketing.sources.rules import ConnectionSettings, FormSettings
from services.marketing.sources.tables import Connection, Form
from shared.database import Driver

Settings = FormSettings | ConnectionSettings


def form_settings(form: Form) -> FormSettings:
    return FormSettings(
        id=form.id,
        key=form.key,
        campaign_id=form.campaign_id,
        origins=frozenset(form.origins),
        mapping=form.field_mapping,
        hand_raiser=form.hand_raiser,
        honeypot_field=form.honeypot_field,
        redirect_url=form.redirect_url,
        language=form.language,
        country=form.country,
    )


def connection_settings(connection: Connection) -> ConnectionSettings:
    digests: dict[str, list[bytes]] = {}
    sealed: dict[str, list[bytes]] = {}
    for secret in connection.secrets:
        if secret.digest is not None:
            digests.setdefault(secret.kind, []).append(secret.digest)
        if secret.sealed is not None:
            sealed.setdefault(secret.kind, []).append(secret.sealed)
    return ConnectionSettings(
        id=connection.id,
        key=connection.key,
        kind=connection.kind,
        campaign_id=connection.campaign_id,
        mappings=connection.field_mapping,
        hand_raiser=connection.hand_raiser,
        country=connection.country,
        digests=digests,
        sealed=sealed,
    )


async def open_form(session: AsyncSession, key: str) -> FormSettings | None:
    form = await session.scalar(select(Form).where(Form.key == key, Form.active))
    return form_settings(form) if form is not None else None


async def open_connection(session: AsyncSession, key: str) -> ConnectionSettings | None:
    found = await session.scalar(select(Connection).where(Connection.key == key, Connection.active))
    return connection_settings(found) if found is not None else None


async def settings_by_id(session: AsyncSession, ids: Collection[UUID]) -> Mapping[UUID, Settings]:
    """Forms and connections by id, also those no longer active: what they brought is still read."""
    if not ids:
        return {}
    found: dict[UUID, Settings] = {}
    for form in await session.scalars(select(Form).where(Form.id.in_(ids))):
        found[form.id] = form_settings(form)
    if len(found) < len(ids):
        for connection in await session.scalars(select(Connection).where(Connection.id.in_(ids))):
            found[connection.id] = connection_settings(connection)
    return found


async def form_by_id(session: AsyncSession, form_id: UUID, *, lock: bool = False) -> Form | None:
    return await session.get(Form, form_id, with_for_update=lock)


async def connection_by_id(
    session: AsyncSession, connection_id: UUID, *, lock: bool = False
) -> Connection | None:
    return await session.get(Connection, connection_id, with_for_update=lock)


def forms() -> Select[Form]:
    return select(Form)


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
