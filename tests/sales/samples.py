"""Ready-made facts and shortcuts for the tests of sales. A test names only what it is about."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from httpx import AsyncClient, Response
from sqlalchemy import select

from services.sales.subscriptions import subscriptions
from shared import clock
from shared.database.sessions import Sessions
from shared.events.envelope import Event, all_events
from shared.events.handoff import LeadAccepted, LeadReturned, RepChanged
from shared.messaging.outbox import outbox
from tests.support.keys import Keys
from tests.support.samples import CAMPAIGN, NOON, delivered

ANA = UUID("00000000-0000-7000-8000-0000000000aa")
BEN = UUID("00000000-0000-7000-8000-0000000000bb")
SOUTH = UUID("00000000-0000-7000-8000-000000000501")
NORTH = UUID("00000000-0000-7000-8000-000000000402")
SALES_EVENTS = {event.type: event for event in all_events() if event.publisher() == "sales"}


def lead_accepted(**changes: Any) -> LeadAccepted:
    values: dict[str, Any] = {
        "version": 2,
        "lead_id": clock.new_id(),
        "cycle": 1,
        "hop": 1,
        "contact_id": clock.new_id(),
        "rep_id": ANA,
        "team_id": SOUTH,
        "qualified_at": NOON,
        "assigned_at": NOON,
        "accepted_at": NOON,
        "source": "web_form",
        "campaign_id": CAMPAIGN,
        "score": 70,
        "country": "DE",
        "company_id": clock.new_id(),
        "company_name": "Northwind GmbH",
    }
    return LeadAccepted(**(values | changes))


def lead_returned(accepted: LeadAccepted, **changes: Any) -> LeadReturned:
    values: dict[str, Any] = {
        "version": accepted.version + 1,
        "lead_id": accepted.lead_id,
        "cycle": accepted.cycle,
        "rep_id": accepted.rep_id,
        "reason": "no_budget",
        "after_acceptance": True,
        "returned_at": NOON,
    }
    return LeadReturned(**(values | changes))


def rep_changed(rep_id: UUID = ANA, **changes: Any) -> RepChanged:
    values: dict[str, Any] = {
        "version": 1,
        "rep_id": rep_id,
        "subject": "ana" if rep_id == ANA else "ben",
        "display_name": "Ana" if rep_id == ANA else "Ben",
        "team_id": SOUTH if rep_id == ANA else NORTH,
        "team_name": "South" if rep_id == ANA else "North",
        "manager_subject": "mia" if rep_id == ANA else "noa",
        "active": True,
        "changed_at": NOON,
    }
    return RepChanged(**(values | changes))


async def deliver(sessions: Sessions, *events: Event) -> None:
    """Hand these facts to sales, each as a delivery of its own id, in one batch."""
    await subscriptions.deliver(sessions, [delivered(event) for event in events])


async def told(sessions: Sessions, key: object | None = None) -> list[Any]:
    """What sales has told so far, in order; of one deal or pair only, if its key is given."""
    async with sessions() as session:
        rows = (
            await session.execute(select(outbox.c.type, outbox.c.key, outbox.c.data).order_by(outbox.c.id))
        ).all()
    return [SALES_EVENTS[row.type].read(row.data) for row in rows if key is None or row.key == str(key)]


class Desk:
    """Someone at work: speaks HTTP to sales as one person."""

    def __init__(self, client: AsyncClient, keys: Keys, role: str, subject: str) -> None:
        self._client, self._headers = client, keys.as_(role, subject=subject)

    async def get(self, path: str, **params: Any) -> Response:
        return await self._client.get(path, params=params, headers=self._headers)

    async def post(self, path: str, body: Any = None, **headers: str) -> Response:
        body = {} if body is None else body
        return await self._client.post(path, json=body, headers={**self._headers, **headers})

    async def delete(self, path: str) -> Response:
        return await self._client.delete(path, headers=self._headers)

    async def put(self, path: str, body: Any, **headers: str) -> Response:
        return await self._client.put(path, json=body, headers={**self._headers, **headers})

    async def patch(self, path: str, body: Any, **headers: str) -> Response:
        return await self._client.patch(path, json=body, headers={**self._headers, **headers})


def codes(responses: Sequence[Response]) -> list[int]:
    return [response.status_code for response in responses]


def euros(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "EUR"}
