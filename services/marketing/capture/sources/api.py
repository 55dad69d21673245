"""`/v1/connections`: the accounts that send us leads."""

from typing import Annotated
from uuid import UUID

from fastapi import BackgroundTasks, Depends, Query, Request, Response

from services.marketing.capture.access import SOURCES
from services.marketing.capture.sources import queries, use_cases
from services.marketing.capture.sources.encryption import Sealer
from services.marketing.capture.sources.rules import KINDS
from services.marketing.capture.sources.schemas import (
    ConnectionChange,
    ConnectionView,
    KindName,
    NewConnection,
    NewConnectionView,
)
from services.marketing.capture.sources.tables import Connection
from services.marketing.settings import Settings
from shared import clock
from shared.auth.access import Caller
from shared.errors import NotFoundError
from shared.http.etags import IfMatchDemanded, etag
from shared.http.paging import Order, Page, Paging
from shared.http.service import Transaction, router

connections = router("/v1/connections", tags=["connections"])
Readers = Annotated[Caller, Depends(SOURCES.read)]
Writers = Annotated[Caller, Depends(SOURCES.change)]
NEWEST_CONNECTIONS = Order(Connection.created_at, Connection.id, descending=True)


def _show_connection(connection: Connection, request: Request) -> ConnectionView:
    settings: Settings = request.app.state.settings
    view = ConnectionView.model_validate(connection)
    if KINDS[connection.kind].lacks_secrets({secret.kind for secret in connection.secrets}):
        # Without them the door lets nobody in, whatever its last deliveries were like.
        view.health, view.health_reason = "needs_attention", "no_secret"
    view.webhook_path = f"/v1/webhooks/{connection.kind.replace('_', '-')}/{connection.key}"
    view.webhook_url = settings.public_address + view.webhook_path
    return view


def _sealer(request: Request) -> Sealer:
    sealer: Sealer = request.app.state.sealer
    return sealer


@connections.get("")
async def list_connections(
    session: Transaction,
    paging: Paging,
    request: Request,
    _: Readers,
    kind: Annotated[KindName | None, Query()] = None,
) -> Page[ConnectionView]:
    """The connected ad accounts, newest first, with their health."""
    rows = (await session.scalars(NEWEST_CONNECTIONS.page(queries.connections(kind), paging))).all()
    return NEWEST_CONNECTIONS.show(rows, paging, lambda one: _show_connection(one, request))


@connections.post("", status_code=201)
async def add_connection(
    form: NewConnection, session: Transaction, request: Request, background: BackgroundTasks, _: Writers
) -> NewConnectionView:
    """Connect an ad account. Enter `webhook_url` and the secret at the platform.

    A secret that is ours to choose and was left out is made, and shown this once.
    """
    connection, made = await use_cases.add_connection(session, form, _sealer(request), now=clock.now())
    request.app.state.known_sources.forget_after(background, connection.key)
    return NewConnectionView(**_show_connection(connection, request).model_dump(), new_secrets=made)


@connections.get("/{connection_id}")
async def show_connection(
    connection_id: UUID, session: Transaction, request: Request, response: Response, _: Readers
) -> ConnectionView:
    """One connection, its health and when it last brought something."""
    connection = await queries.connection_by_id(session, connection_id)
    if connection is None:
        raise NotFoundError("There is no connection with this id.")
    response.headers["ETag"] = etag(connection.version)
    return _show_connection(connection, request)


@connections.patch("/{connection_id}")
async def change_connection(
    connection_id: UUID,
    change: ConnectionChange,
    session: Transaction,
    request: Request,
    response: Response,
    seen: IfMatchDemanded,
    background: BackgroundTasks,
    _: Writers,
) -> ConnectionView:
    """Change a connection, add or remove secrets. Doors of other processes go by the old ones for moments."""
    connection = await use_cases.change_connection(
        session, connection_id, change, _sealer(request), seen, now=clock.now()
    )
    request.app.state.known_sources.forget_after(background, connection.key)
    response.headers["ETag"] = etag(connection.version)
    return _show_connection(connection, request)
