"""`/v1/audit-events`: administrators see who did what, and who was refused. Part of every service."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Depends, Query
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy import select

from shared.auth.access import Caller, Resource, Role, allow
from shared.database.edge_tables import audit_events
from shared.http.paging import Order, Page, Paging
from shared.http.routes import router
from shared.http.schemas import UtcTime, View
from shared.http.transactions import Transaction

AUDIT = Resource("the audit trail", read=allow(Role.ADMIN))
Auditor = Annotated[Caller, Depends(AUDIT.read)]
REFUSED = (401, 403)
LATEST = Order(audit_events.c.id, descending=True)
audit = router("/v1/audit-events", tags=["audit"])


def _in_our_time(moment: datetime) -> datetime:
    """At the ends of the calendar a moment with an offset is none in UTC."""
    if not 2000 <= moment.year <= 9000:
        raise ValueError("A moment of the years 2000 to 9000.")
    return moment


Asked = Annotated[AwareDatetime, AfterValidator(_in_our_time)]


class AuditFilter(BaseModel):
    """Each that is given narrows the list."""

    subject: str | None = Field(None, max_length=240, description="A person's subject, or an API key's id.")
    credential: str | None = Field(None, max_length=240, description="Id of the token or key.")
    address: str | None = Field(None, max_length=60)
    object_kind: str | None = Field(None, max_length=60, description="As in the path: deals, teams.")
    object_id: str | None = Field(None, max_length=200)
    method: Literal["POST", "PUT", "PATCH", "DELETE", "GET"] | None = None
    route: str | None = Field(None, max_length=400, description="The path's template.")
    refused: bool | None = Field(None, description="Only what was refused, or only what was done.")
    since: Asked | None = None
    until: Asked | None = None


class AuditEventView(View):
    """One write, or what was refused of one caller in a few seconds (`number` requests from `since` to `at`).

    `changes` are objects with their fields as [before, after]; null for texts, which may be personal data.
    """

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "examples": [
                {
                    "id": "0198c1b2-3c4d-7e5f-8a6b-7c8d9e0f1a2b",
                    "at": "2026-11-23T08:00:00Z",
                    "since": None,
                    "number": 1,
                    "subject": "mia",
                    "kind": "person",
                    "roles": ["sales_manager"],
                    "credential": "people-1",
                    "address": "203.0.113.7",
                    "request_id": "4bf92f3577b34da6a3ce929d0e0e4736",
                    "method": "PATCH",
                    "route": "/v1/teams/{team_id}",
                    "object_kind": "teams",
                    "object_id": "01937a5e-0005-7aaa-8bbb-000000000005",
                    "status": 200,
                    "changes": [
                        {
                            "kind": "teams",
                            "id": "01937a5e-0005-7aaa-8bbb-000000000005",
                            "did": "changed",
                            "fields": {"manager_subject": ["max", "mia"], "version": [3, 4]},
                        }
                    ],
                }
            ]
        },
    )

    id: UUID
    at: UtcTime
    since: UtcTime | None
    number: int
    subject: str
    kind: str = Field(description="person, server, or nobody.")
    roles: list[str]
    credential: str
    address: str | None
    request_id: str
    method: str
    route: str
    object_kind: str
    object_id: str | None
    status: int
    changes: list[dict[str, Any]]


@audit.get("")
async def list_audit_events(
    session: Transaction, paging: Paging, filters: Annotated[AuditFilter, Query()], _: Auditor
) -> Page[AuditEventView]:
    """Who wrote what in this service, and who was refused; the latest first.

    What was refused appears some seconds later.
    """
    given = filters.model_dump(exclude_none=True)
    refused: bool | None = given.pop("refused", None)
    since: datetime | None = given.pop("since", None)
    until: datetime | None = given.pop("until", None)
    c = audit_events.c
    query = select(audit_events).where(*(c[name] == value for name, value in given.items()))
    if refused is not None:
        query = query.where(c.status.in_(REFUSED) if refused else c.status.not_in(REFUSED))
    if since is not None:
        query = query.where(c.at >= since)
    if until is not None:
        query = query.where(c.at < until)
    rows = (await session.execute(LATEST.page(query, paging))).all()
    return LATEST.show(rows, paging, AuditEventView.model_validate)
