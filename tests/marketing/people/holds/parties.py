"""Handoff and sales, telling marketing who has a person, and the services asking about them."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from httpx import AsyncClient, Response

from services.marketing.subscriptions import subscriptions
from shared import clock
from shared.database.sessions import Sessions
from shared.events.envelope import Event
from shared.events.handoff import (
    LeadAccepted,
    LeadAssigned,
    LeadDeclined,
    LeadReturned,
    OfferExpired,
    RepChanged,
)
from shared.events.sales import (
    DealAmended,
    DealClosed,
    DealContactsChanged,
    DealOpened,
    DealOwnerChanged,
)
from tests.support.keys import Keys
from tests.support.samples import delivered

NORTH, SOUTH = UUID(int=11), UUID(int=12)
REPS = {
    "ana": (UUID(int=1), NORTH, "mia"),
    "ann": (UUID(int=3), NORTH, "mia"),
    "ben": (UUID(int=2), SOUTH, "max"),
}


class Parties:
    """One lead of one person, as both services speak of it."""

    def __init__(self, sessions: Sessions, submission: dict[str, Any]) -> None:
        self.sessions = sessions
        self.lead_id, self.contact_id = UUID(submission["lead_id"]), UUID(submission["contact_id"])
        self.version = 0
        self.deals: dict[UUID, int] = {}

    async def tell(self, *events: Event) -> None:
        await subscriptions.deliver(self.sessions, [delivered(event) for event in events])

    async def hire(self, *, active: bool = True, version: int = 1) -> None:
        """All reps as they are now."""
        await self.tell(
            *(
                RepChanged(
                    version=version,
                    rep_id=rep_id,
                    subject=subject,
                    display_name=subject,
                    team_id=team_id,
                    team_name="team",
                    manager_subject=manager,
                    active=active,
                    changed_at=clock.now(),
                )
                for subject, (rep_id, team_id, manager) in REPS.items()
            )
        )

    def _lead(self, cycle: int) -> dict[str, Any]:
        self.version += 1
        return {"version": self.version, "lead_id": self.lead_id, "cycle": cycle}

    def assigned(self, rep: str, *, cycle: int = 1, until: datetime | None = None) -> LeadAssigned:
        rep_id, team_id, _ = REPS[rep]
        return LeadAssigned(
            **self._lead(cycle),
            hop=1,
            contact_id=self.contact_id,
            rep_id=rep_id,
            team_id=team_id,
            assigned_at=clock.now(),
            answer_by=until or clock.now() + timedelta(minutes=10),
        )

    def accepted(self, rep: str, *, cycle: int = 1) -> LeadAccepted:
        rep_id, team_id, _ = REPS[rep]
        now = clock.now()
        return LeadAccepted(
            **self._lead(cycle),
            hop=1,
            contact_id=self.contact_id,
            rep_id=rep_id,
            team_id=team_id,
            qualified_at=now,
            assigned_at=now,
            accepted_at=now,
            source="web_form",
            score=50,
        )

    def declined(self, rep: str) -> LeadDeclined:
        return LeadDeclined(
            **self._lead(1), hop=1, rep_id=REPS[rep][0], reason="busy", declined_at=clock.now()
        )

    def expired(self, rep: str) -> OfferExpired:
        return OfferExpired(**self._lead(1), hop=1, rep_id=REPS[rep][0], expired_at=clock.now())

    def returned(self) -> LeadReturned:
        return LeadReturned(
            **self._lead(1), reason="no_budget", after_acceptance=True, returned_at=clock.now()
        )

    def _deal(self, deal_id: UUID, rep: str) -> dict[str, Any]:
        self.deals[deal_id] = self.deals.get(deal_id, 0) + 1
        return {
            "version": self.deals[deal_id],
            "deal_id": deal_id,
            "rep_id": REPS[rep][0],
            "contact_ids": (self.contact_id,),
        }

    def opened(
        self, deal_id: UUID, rep: str, *, cycle: int | None = None, company_id: UUID | None = None
    ) -> DealOpened:
        return DealOpened(
            **self._deal(deal_id, rep),
            lead_id=self.lead_id if cycle else None,
            cycle=cycle,
            company_id=company_id,
            origin="lead" if cycle else "prospecting",
            pipeline_id=UUID(int=9),
            stage="new",
            amount_minor=0,
            currency="EUR",
            opened_at=clock.now(),
        )

    def with_people(self, deal_id: UUID, rep: str, *people: UUID) -> DealContactsChanged:
        return DealContactsChanged(
            **self._deal(deal_id, rep) | {"contact_ids": people},
            amount_minor=0,
            currency="EUR",
            changed_at=clock.now(),
        )

    def handed_over(self, deal_id: UUID, rep: str, to: str, *, cycle: int | None = None) -> DealOwnerChanged:
        return DealOwnerChanged(
            **self._deal(deal_id, to),
            lead_id=self.lead_id if cycle else None,
            cycle=cycle,
            from_rep_id=REPS[rep][0],
            amount_minor=0,
            currency="EUR",
            changed_at=clock.now(),
        )

    def closed(self, deal_id: UUID, rep: str, outcome: Any, *, cycle: int | None = None) -> DealClosed:
        return DealClosed(**self._close(deal_id, rep, cycle), outcome=outcome)

    def reopened(self, deal_id: UUID, rep: str) -> DealAmended:
        again = self._close(deal_id, rep, None)
        return DealAmended(**again, cause="reopened", outcome=None, amended_at=clock.now())

    def _close(self, deal_id: UUID, rep: str, cycle: int | None) -> dict[str, Any]:
        now = clock.now()
        return {
            **self._deal(deal_id, rep),
            "lead_id": self.lead_id if cycle else None,
            "cycle": cycle,
            "origin": "lead" if cycle else "prospecting",
            "amount_minor": 0,
            "currency": "EUR",
            "reporting_amount_minor": 0,
            "reporting_currency": "EUR",
            "rate": "1",
            "closed_on": now.date(),
            "closed_at": now,
        }


class Asking:
    """The other services, asking marketing for somebody."""

    def __init__(self, http: AsyncClient, keys: Keys) -> None:
        self.http, self.keys = http, keys

    async def card(self, contact_id: UUID, by: str, *roles: str, **more: Any) -> dict[str, Any]:
        """The card as this person sees it, who is a rep unless it says otherwise."""
        answer = await self.cards([contact_id], by, *roles, **more)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()["items"][0]
        return found

    async def cards(
        self, ids: list[UUID], by: str, *roles: str, service: str = "handoff", held: Any = (), **more: Any
    ) -> Response:
        question = {
            "contact_ids": [str(one) for one in ids],
            "asked_by": by,
            "roles": roles or ["rep"],
            "held": list(held),
            **more,
        }
        who = self.keys.as_service(service, "marketing")
        return await self.http.post("/v1/contact-cards", json=question, headers=who)

    async def joinable(self, ids: list[UUID], by: str, *roles: str, **deal: Any) -> list[str]:
        question = {
            "contact_ids": [str(one) for one in ids],
            "asked_by": by,
            "roles": roles or ["rep"],
            **deal,
        }
        who = self.keys.as_service("sales", "marketing")
        answer = await self.http.post("/v1/contact-holds", json=question, headers=who)
        assert answer.status_code == 200, answer.text
        found: list[str] = answer.json()["contact_ids"]
        return found

    async def seen(self, contact_id: UUID, by: str, role: str = "rep") -> int:
        path = f"/v1/contacts/{contact_id}"
        return (await self.http.get(path, headers=self.keys.as_(role, subject=by))).status_code
