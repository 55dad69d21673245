"""`/v1/forms` and `/v1/connections`: where submissions may come from."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Request, Response

from services.marketing.capture.access import SOURCES
from services.marketing.capture.sources import queries, rules, use_cases
from services.marketing.capture.sources.encryption import Sealer
from services.marketing.capture.sources.schemas import (
    ConnectionChange,
    ConnectionView,
    FormChange,
    FormView,
    KindName,
    NewConnection,
    NewForm,
)
from services.marketing.capture.sources.tables import Connection, Form
from services.marketing.settings import Settings
from shared import clock
from shared.auth.access import Caller
from shared.errors import NotFoundError
from shared.http.etags import IfMatch, etag
from shared.http.paging import Order, Page, Paging
from shared.http.service import Transaction, router

forms = router("/v1/forms", tags=["forms"])
connections = router("/v1/connections", tags=["connections"])
Readers = Annotated[Caller, Depends(SOURCES.read)]
Writers = Annotated[Caller, Depends(SOURCES.change)]
NEWEST_FORMS = Order(Form.created_at, Form.id, descending=True)
NEWEST_CONNECTIONS = Order(Connection.created_at, Connection.id, descending=True)


def _show_form(form: Form, request: Request) -> FormView:
    settings: Settings = request.app.state.settings
    view = FormView.model_validate(form)
    view.snippet = rules.snippet(form.key, form.honeypot_field, settings.marketing_url)
    return view


def _show_connection(connection: Connection) -> ConnectionView:
    view = ConnectionView.model_validate(connection)
    if rules.KINDS[connection.kind].lacks_secrets({secret.kind for secret in connection.secrets}):
        # Without them the door lets nobody in, whatever its last deliveries were like.
        view.health, view.health_reason = "needs_attention", "no_secret"
    view.webhook_path = f"/v1/webhooks/{connection.kind.replace('_', '-')}/{connection.key}"
    return view


def _sealer(request: Request) -> Sealer:
    sealer: Sealer = request.app.state.sealer
    return sealer


@forms.get("")
async def list_forms(session: Transaction, paging: Paging, request: Request, _: Readers) -> Page[FormView]:
    """The web forms, newest first."""
    rows = (await session.scalars(NEWEST_FORMS.page(queries.forms(), paging))).all()
    return NEWEST_FORMS.show(rows, paging, lambda form: _show_form(form, request))


@forms.post("", status_code=201)
async def add_form(form: NewForm, session: Transaction, request: Request, _: Writers) -> FormView:
    """Make a web form. Its `pk_` key may stand in a page's source: it can only write submissions."""
    return _show_form(await use_cases.add_form(session, form, now=clock.now()), request)


@forms.get("/{form_id}")
async def show_form(
    form_id: UUID, session: Transaction, request: Request, response: Response, _: Readers
) -> FormView:
    """One form, with HTML to paste into a page."""
    form = await queries.form_by_id(session, form_id)
    if form is None:
        raise NotFoundError("There is no form with this id.")
    response.headers["ETag"] = etag(form.version)
    return _show_form(form, request)


@forms.patch("/{form_id}")
async def change_form(
    form_id: UUID,
    change: FormChange,
    session: Transaction,
    request: Request,
    response: Response,
    seen: IfMatch,
    _: Writers,
) -> FormView:
    """Change a form. Doors may go by its old settings for a second."""
    form = await use_cases.change_form(session, form_id, change, seen, now=clock.now())
    response.headers["ETag"] = etag(form.version)
    return _show_form(form, request)


@connections.get("")
async def list_connections(
    session: Transaction,
    paging: Paging,
    _: Readers,
    kind: Annotated[KindName | None, Query()] = None,
) -> Page[ConnectionView]:
    """The connected ad accounts, newest first, with their health."""
    rows = (await session.scalars(NEWEST_CONNECTIONS.page(queries.connections(kind), paging))).all()
    return NEWEST_CONNECTIONS.show(rows, paging, _show_connection)


@connections.post("", status_code=201)
async def add_connection(
    form: NewConnection, session: Transaction, request: Request, _: Writers
) -> ConnectionView:
    """Connect an ad account. Enter `webhook_path` and the secret at the platform."""
    connection = await use_cases.add_connection(session, form, _sealer(request), now=clock.now())
    return _show_connection(connection)


@connections.get("/{connection_id}")
async def show_connection(
    connection_id: UUID, session: Transaction, response: Response, _: Readers
) -> ConnectionView:
    """One connection, its health and when it last brought something."""
    connection = await queries.connection_by_id(session, connection_id)
    if connection is None:
        raise NotFoundError("There is no connection with this id.")
    response.headers["ETag"] = etag(connection.version)
    return _show_connection(connection)


@connections.patch("/{connection_id}")
async def change_connection(
    connection_id: UUID,
    change: ConnectionChange,
    session: Transaction,
    request: Request,
    response: Response,
    seen: IfMatch,
    _: Writers,
) -> ConnectionView:
    """Change a connection, add or remove secrets. Doors may go by the old ones for a second."""
    connection = await use_cases.change_connection(
        session, connection_id, change, _sealer(request), seen, now=clock.now()
    )
    response.headers["ETag"] = etag(connection.version)
    return _show_connection(connection)
