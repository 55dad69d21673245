"""Making and changing forms and connections."""

import secrets
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.marketing.acquisition.campaigns import queries as campaigns
from services.marketing.capture.sources import encryption, queries, rules
from services.marketing.capture.sources.encryption import Sealer
from services.marketing.capture.sources.schemas import ConnectionChange, FormChange, NewConnection, NewForm
from services.marketing.capture.sources.tables import Connection, ConnectionSecret, Form
from shared import clock
from shared.errors import InvalidError, NotFoundError
from shared.http.etags import check_version


async def add_form(session: AsyncSession, form: NewForm, *, now: datetime) -> Form:
    await _check_campaign(session, form.campaign_id)
    row = Form(
        id=clock.new_id(),
        key=f"pk_{secrets.token_urlsafe(24)}",
        active=True,
        version=1,
        created_at=now,
        updated_at=now,
        **form.model_dump(),
    )
    session.add(row)
    await session.flush()
    return row


async def change_form(
    session: AsyncSession, form_id: UUID, change: FormChange, seen: int | None, *, now: datetime
) -> Form:
    """Raises NotFoundError, StaleError when it changed since `seen`."""
    row = await queries.form_by_id(session, form_id, lock=True)
    if row is None:
        raise NotFoundError("There is no form with this id.")
    check_version(seen, row.version)
    values = change.model_dump(exclude_unset=True)
    await _check_campaign(session, values.get("campaign_id"))
    _assign(row, values, now)
    await session.flush()
    return row


async def add_connection(
    session: AsyncSession, form: NewConnection, sealer: Sealer, *, now: datetime
) -> Connection:
    await _check_campaign(session, form.campaign_id)
    row = Connection(
        id=clock.new_id(),
        key=f"cn_{secrets.token_urlsafe(24)}",
        active=True,
        health="ok",
        version=1,
        created_at=now,
        updated_at=now,
        secrets=[],
        **form.model_dump(exclude={"secrets"}),
    )
    _check_settings(row)
    _add_secrets(row, form.secrets, sealer, now)
    session.add(row)
    await session.flush()
    return row


async def change_connection(
    session: AsyncSession,
    connection_id: UUID,
    change: ConnectionChange,
    sealer: Sealer,
    seen: int | None,
    *,
    now: datetime,
) -> Connection:
    """Raises NotFoundError, StaleError when it changed since `seen`, InvalidError for a wrong secret."""
    row = await queries.connection_by_id(session, connection_id, lock=True)
    if row is None:
        raise NotFoundError("There is no connection with this id.")
    check_version(seen, row.version)
    values = change.model_dump(exclude_unset=True, exclude={"add_secrets", "remove_secrets"})
    await _check_campaign(session, values.get("campaign_id"))
    row.secrets = [secret for secret in row.secrets if secret.id not in change.remove_secrets]
    _add_secrets(row, change.add_secrets, sealer, now)
    _assign(row, values, now)
    if "settings" in values:
        _check_settings(row)
    await session.flush()
    return row


def _assign(row: Form | Connection, values: dict[str, Any], now: datetime) -> None:
    for name, value in values.items():
        setattr(row, name, value)
    row.updated_at = now
    row.version += 1


def _check_settings(row: Connection) -> None:
    known = rules.KINDS[row.kind]
    try:
        row.settings = known.expand(row.settings)
        known.check_settings(row.settings)
    except rules.SettingError as error:
        pointer = f"/settings{error.pointer}"
        raise InvalidError(error.detail, errors=[{"pointer": pointer, "detail": error.detail}]) from None


def _add_secrets(row: Connection, given: dict[str, str], sealer: Sealer, now: datetime) -> None:
    known = rules.KINDS[row.kind]
    for kind, secret in given.items():
        if kind not in known.secrets:
            wanted = ", ".join(known.secrets)
            detail = f"A {row.kind} connection has {wanted}."
            raise InvalidError(detail, errors=[{"pointer": f"/secrets/{kind}", "detail": detail}])
        compared = kind in known.compared
        row.secrets.append(
            ConnectionSecret(
                id=clock.new_id(),
                connection_id=row.id,
                kind=kind,
                digest=encryption.digest(secret) if compared else None,
                sealed=None if compared else sealer.seal(secret, row.id),
                created_at=now,
            )
        )


async def _check_campaign(session: AsyncSession, campaign_id: UUID | None) -> None:
    if campaign_id is not None and await campaigns.campaign_by_id(session, campaign_id) is None:
        detail = "There is no campaign with this id."
        raise InvalidError(detail, errors=[{"pointer": "/campaign_id", "detail": detail}])
