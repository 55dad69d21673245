"""Making and changing forms and connections."""

import hashlib
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.marketing.acquisition.campaigns import queries as campaigns
from services.marketing.capture.sources import queries, rules
from services.marketing.capture.sources.encryption import Sealer
from services.marketing.capture.sources.schemas import ConnectionChange, NewConnection
from services.marketing.capture.sources.tables import Connection, ConnectionSecret, Form
from shared import clock
from shared.errors import InvalidError, NotFoundError
from shared.http.etags import check_version


async def add_form(session: AsyncSession, values: Mapping[str, Any], *, now: datetime) -> Form:
    """Make a form of these columns. Raises InvalidError."""
    await _check_campaign(session, values.get("campaign_id"))
    row = Form(
        id=clock.new_id(),
        key=f"pk_{secrets.token_urlsafe(24)}",
        active=True,
        state="ok",
        version=1,
        created_at=now,
        updated_at=now,
        **values,
    )
    if "honeypot_field" not in values:
        # Nothing that a browser fills in by itself, and no name that programs learn to leave out.
        row.honeypot_field = f"note_{secrets.token_hex(3)}"
    _check_addresses(row)
    _name_consent(row)
    session.add(row)
    await session.flush()
    return row


async def change_form(
    session: AsyncSession, form_id: UUID, values: Mapping[str, Any], seen: int | None, *, now: datetime
) -> Form:
    """Set these columns. Raises NotFoundError, InvalidError, StaleError when it changed since `seen`."""
    row = await queries.form_by_id(session, form_id, lock=True)
    if row is None:
        raise NotFoundError("There is no form with this id.")
    check_version(seen, row.version)
    await _check_campaign(session, values.get("campaign_id"))
    _assign(row, values, now)
    if not values.keys().isdisjoint(("origins", "redirect_url", "error_url")):
        _check_addresses(row)
    if values.get("active") is False:  # nobody looks at how a closed form does
        row.state, row.state_reason, row.state_since = "ok", None, None
    if "consent_text" in values and "consent_text_version" not in values:
        row.consent_text_version = None
    _name_consent(row)
    await session.flush()
    return row


async def add_connection(
    session: AsyncSession, form: NewConnection, sealer: Sealer, *, now: datetime
) -> tuple[Connection, dict[str, str]]:
    """Also the secrets that were made up for it: ours to choose, and left out. Raises InvalidError."""
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
    left_out = rules.KINDS[row.kind].ours - form.secrets.keys()
    made = {kind: secrets.token_urlsafe(24) for kind in left_out}
    _add_secrets(row, form.secrets | made, sealer, now)
    session.add(row)
    await session.flush()
    return row, made


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


def _assign(row: Form | Connection, values: Mapping[str, Any], now: datetime) -> None:
    for name, value in values.items():
        setattr(row, name, value)
    row.updated_at = now
    row.version += 1


def _check_addresses(row: Form) -> None:
    """Nobody may be sent from a form to a stranger's page. Raises InvalidError."""
    for name, address in (("redirect_url", row.redirect_url), ("error_url", row.error_url)):
        if address is not None and (detail := rules.refuse_address(address, row.origins)):
            raise InvalidError(detail, errors=[{"pointer": f"/{name}", "detail": detail}])


def _name_consent(row: Form) -> None:
    """Which text somebody agreed to has to be known: without a name of its own, by what it says."""
    if row.consent_text and not row.consent_text_version:
        row.consent_text_version = hashlib.sha256(row.consent_text.encode()).hexdigest()[:12]


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
        if kind in known.ours and len(secret) < rules.SHORTEST_OF_OURS:
            detail = (
                f"Whoever guesses {kind} is believed: take at least {rules.SHORTEST_OF_OURS} random "
                "characters, or leave it out of a new connection and one is made."
            )
            raise InvalidError(detail, errors=[{"pointer": f"/secrets/{kind}", "detail": detail}])
        row.secrets.append(
            ConnectionSecret(
                id=clock.new_id(),
                connection_id=row.id,
                kind=kind,
                sealed=sealer.seal(secret, row.id),
                created_at=now,
            )
        )


async def _check_campaign(session: AsyncSession, campaign_id: UUID | None) -> None:
    if campaign_id is not None and await campaigns.campaign_by_id(session, campaign_id) is None:
        detail = "There is no campaign with this id."
        raise InvalidError(detail, errors=[{"pointer": "/campaign_id", "detail": detail}])
