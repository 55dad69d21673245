"""`/v1/api-keys`: administrators make, see and end the keys of other servers. Part of every service."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request, Response
from pydantic import ConfigDict, Field, StringConstraints

from shared import clock
from shared.auth import api_keys
from shared.auth.access import Caller, Resource, Role, allow
from shared.database.sessions import database_time
from shared.errors import FieldError, InvalidError, NotFoundError
from shared.http.audit import trail
from shared.http.route_access import HasRoutes, access_of
from shared.http.routes import router
from shared.http.schemas import RequestBody, UtcTime, View
from shared.http.transactions import Transaction

API_KEYS = Resource("API keys", read=allow(Role.ADMIN), change=allow(Role.ADMIN))
Administrator = Annotated[Caller, Depends(API_KEYS.change)]
Auditor = Annotated[Caller, Depends(API_KEYS.read)]
Scope = Annotated[str, StringConstraints(pattern=r"^[a-z]+(-[a-z]+)*:[a-z]+$", max_length=60)]

keys = router("/v1/api-keys", tags=["api keys"])


class ApiKeyForm(RequestBody):
    """A key to be made."""

    name: Annotated[str, Field(min_length=1, max_length=120, examples=["Website back end"])]
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=20, examples=[["leads:write"]])]
    expires_in_days: Annotated[int, Field(ge=1, le=730, examples=[365])] = 365


class ApiKeyView(View):
    """A key without its secret; `start` are its first characters, to recognise it by."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "examples": [
                {
                    "id": "0198c1b2-3c4d-7e5f-8a6b-7c8d9e0f1a2b",
                    "name": "Website back end",
                    "start": "sk_3q2-7",
                    "scopes": ["leads:write"],
                    "unknown_scopes": [],
                    "created_by": "ann",
                    "created_at": "2026-11-23T08:00:00Z",
                    "expires_at": "2027-11-23T08:00:00Z",
                    "revoked_at": None,
                }
            ]
        },
    )

    id: UUID
    name: str
    start: str
    scopes: list[str]
    unknown_scopes: list[str] = Field([], description="Those that no route takes: of keys made long ago.")
    created_by: str
    created_at: UtcTime
    expires_at: UtcTime
    revoked_at: UtcTime | None = None


class NewApiKeyView(View):
    """The new key. It is shown this once and stored nowhere."""

    id: UUID
    key: str = Field(examples=["sk_3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"])
    scopes: list[str]
    expires_at: UtcTime


class ApiKeysView(View):
    """All keys, the newest first."""

    items: list[ApiKeyView]
    next_cursor: str | None = None


def scopes_of(app: HasRoutes) -> frozenset[str]:
    """Every scope that a route of this service takes."""
    return frozenset(scope for line in access_of(app) for scope in line.scopes)


def _check_scopes(given: Sequence[str], known: frozenset[str]) -> None:
    """Raises InvalidError for what would open nothing: a slip of the pen, or another service's."""
    errors: list[FieldError] = [
        {"pointer": f"/scopes/{place}", "detail": f"No route of this service takes {scope}."}
        for place, scope in enumerate(given)
        if scope not in known
    ]
    if errors:
        there = ", ".join(sorted(known)) or "none"
        raise InvalidError(f"A scope of this key opens nothing here. There are: {there}.", errors=errors)


@keys.post("", status_code=201)
async def make_key(
    form: ApiKeyForm, caller: Administrator, session: Transaction, request: Request
) -> NewApiKeyView:
    """Make a key for another server. Store the answer: the key can't be shown again."""
    _check_scopes(form.scopes, scopes_of(request.app))
    id, key = clock.new_id(), api_keys.invent_key()
    expires_at = await database_time(session) + timedelta(days=form.expires_in_days)
    await api_keys.add_key(
        session,
        id=id,
        key=key,
        name=form.name,
        scopes=form.scopes,
        created_by=caller.subject,
        expires_at=expires_at,
    )
    scopes = {"scopes": (None, " ".join(sorted(set(form.scopes))))}
    trail.changed(session, "api-keys", id, ["name"], values=scopes, did="created")
    return NewApiKeyView(id=id, key=key, scopes=sorted(set(form.scopes)), expires_at=expires_at)


@keys.get("")
async def list_keys(caller: Auditor, session: Transaction, request: Request) -> ApiKeysView:
    """Every key of this service, without its secret."""
    known = scopes_of(request.app)
    views = [ApiKeyView.model_validate(key) for key in await api_keys.list_keys(session)]
    for view in views:
        view.unknown_scopes = [scope for scope in view.scopes if scope not in known]
    return ApiKeysView(items=views)


@keys.delete("/{key_id}", status_code=204)
async def revoke_key(key_id: UUID, caller: Administrator, session: Transaction, request: Request) -> Response:
    """End a key now. Another process of this service may take it for five seconds more."""
    if not await api_keys.revoke_key(session, key_id):
        raise NotFoundError("There is no API key with this id.")
    request.app.state.edge.authenticator.forget()
    return Response(status_code=204)
