"""Every SELECT on forms and connections."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.marketing.sources.rules import ConnectionSettings, FormSettings
from services.marketing.sources.tables import Connection, Form

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


async def forms_before(session: AsyncSession, before: UUID | None, limit: int) -> Sequence[Form]:
    """A page of forms, newest first (UUIDv7 sorts by time)."""
    query = select(Form).order_by(Form.id.desc()).limit(limit)
    return (await session.scalars(query.where(Form.id < before) if before else query)).all()


async def connections_before(session: AsyncSession, before: UUID | None, limit: int) -> Sequence[Connection]:
    query = select(Connection).order_by(Connection.id.desc()).limit(limit)
    return (await session.scalars(query.where(Connection.id < before) if before else query)).all()
