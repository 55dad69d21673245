"""Ready-made values of handoff's tests. A test names only what it is about."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from httpx import AsyncClient, Response
from sqlalchemy import select

from services.handoff.handshake.assignments.jobs import expire_offers, offer_pool
from services.handoff.subscriptions import subscriptions
from shared import clock
from shared.database.sessions import Sessions
from shared.events.envelope import Event
from shared.events.marketing import LeadQualified
from shared.events.sales import DealAmended, DealClosed, DealOwnerChanged
from shared.messaging.outbox import outbox
from tests.support.keys import Keys
from tests.support.samples import CAMPAIGN, NOON, delivered

SALES = UUID("00000000-0000-7000-8000-000000000001")  # the team every installation starts with


def lead_qualified(**changes: Any) -> LeadQualified:
    values = {
        "version": 1,
        "lead_id": clock.new_id(),
        "cycle": 1,
        "contact_id": clock.new_id(),
        "received_at": NOON,
        "qualified_at": NOON,
        "source": "web_form",
        "campaign_id": CAMPAIGN,
        "score": 85,
        "fit": 50,
        "engagement": 35,
        "scoring_model": 1,
        "country": "DE",
        "company_name": "Muster GmbH",
        "company_size": 240,
        "industry": "software",
    }
    return LeadQualified(**(values | changes))


def deal_closed(lead: LeadQualified, rep_id: str, **changes: Any) -> DealClosed:
    return DealClosed(**(_amounts(lead, rep_id) | {"version": 3, "outcome": "won"} | changes))


def deal_amended(lead: LeadQualified, rep_id: str, **changes: Any) -> DealAmended:
    values = {"version": 4, "cause": "reopened", "outcome": None, "amended_at": NOON}
    return DealAmended(**(_amounts(lead, rep_id) | values | changes))


def owner_changed(lead: LeadQualified, from_rep: str, to: str, **changes: Any) -> DealOwnerChanged:
    values: dict[str, Any] = {
        "version": 3,
        "deal_id": lead.lead_id,
        "lead_id": lead.lead_id,
        "cycle": lead.cycle,
        "from_rep_id": UUID(from_rep),
        "rep_id": UUID(to),
        "amount_minor": 100,
        "currency": "EUR",
        "changed_at": NOON,
    }
    return DealOwnerChanged(**(values | changes))


def _amounts(lead: LeadQualified, rep_id: str) -> dict[str, Any]:
    return {
        "deal_id": lead.lead_id,  # any id will do
        "lead_id": lead.lead_id,
        "cycle": lead.cycle,
        "origin": "lead",
        "amount_minor": 100,
        "currency": "EUR",
        "reporting_amount_minor": 100,
        "reporting_currency": "EUR",
        "rate": "1",
        "closed_on": NOON.date(),
        "closed_at": NOON,
        "rep_id": UUID(rep_id),
    }


@dataclass
class House:
    """Handoff as a test sees it: who calls, what happens, what was told to the others."""

    http: AsyncClient
    sessions: Sessions
    keys: Keys
    reps: dict[str, str] = field(default_factory=dict)

    async def call(self, role: str, subject: str, method: str, path: str, **more: Any) -> Response:
        return await self.http.request(method, path, headers=self.keys.as_(role, subject=subject), **more)

    async def done(self, role: str, subject: str, method: str, path: str, **more: Any) -> Any:
        response = await self.call(role, subject, method, path, **more)
        assert response.is_success, response.text
        return response.json()

    async def hire(self, subject: str, **more: Any) -> str:
        """A rep of the first team; returns the id."""
        body = {"subject": subject, "display_name": subject.title(), "team_id": str(SALES), **more}
        rep = await self.done("admin", "boss", "POST", "/v1/reps", json=body)
        self.reps[subject] = rep["id"]
        return str(rep["id"])

    async def hear(self, *events: Event) -> None:
        await subscriptions.deliver(self.sessions, [delivered(event) for event in events])

    async def offers(self, **filters: Any) -> list[Any]:
        page = await self.done("admin", "boss", "GET", "/v1/assignments", params={"limit": 200, **filters})
        return list(page["items"])

    async def offer_of(self, lead: LeadQualified) -> Any:
        """The newest offer of the lead."""
        return max(await self.offers(lead_id=str(lead.lead_id)), key=lambda offer: offer["hop"])

    async def holder(self, lead: LeadQualified) -> str:
        """The subject of the rep who has the newest offer."""
        offer = await self.offer_of(lead)
        return next(subject for subject, id_ in self.reps.items() if id_ == offer["rep_id"])

    async def answer(self, lead: LeadQualified, what: str, **body: Any) -> Any:
        """The rep who has the lead does this with it."""
        offer = await self.offer_of(lead)
        path = f"/v1/assignments/{offer['id']}/{what}"
        return await self.done("rep", await self.holder(lead), "POST", path, json=body or None)

    async def told(self, *, topic: str = "handoff.assignments") -> Sequence[Any]:
        """What was staged for the others, in order: type, key, version, data."""
        async with self.sessions() as session:
            found = select(outbox).where(outbox.c.topic == topic).order_by(outbox.c.id)
            return (await session.execute(found)).all()

    async def told_types(self) -> list[str]:
        return [row.type.split(".")[2] for row in await self.told()]

    async def lapse(self, *leads: LeadQualified) -> None:
        """Their deadlines pass."""
        for lead in leads:
            await self.run(
                "UPDATE assignments SET answer_by = now() - interval '1 second' "
                "WHERE lead_id = $1 AND state = 'offered'",
                lead.lead_id,
            )

    async def tick(self, *, hop_cap: int = 5) -> None:
        """The worker's timers run until they find nothing more to do."""
        for timer in (expire_offers, offer_pool):
            done = 1
            while done:
                async with self.sessions.begin() as session:
                    done = await timer(session, hop_cap=hop_cap)

    async def are_waiting(self, count: int) -> bool:
        """Whether so many transactions wait for somebody's lock: then they really are at once."""
        asked = (
            "SELECT count(*) FROM pg_stat_activity "
            "WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        return bool((await self.run(asked)).scalar_one() == count)

    async def run(self, sql: str, *values: Any) -> Any:
        """Straight into the database."""
        async with self.sessions.begin() as session:
            connection = await session.connection()
            return await connection.exec_driver_sql(sql, values)
