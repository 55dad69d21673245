"""The HTTP program of handoff: `python -m services.handoff.app`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from services.handoff.handshake.assignments.api import assignments, pool
from services.handoff.insight.reports.api import speed_to_lead
from services.handoff.routing.allocation.api import routing
from services.handoff.routing.fairness.api import fairness
from services.handoff.routing.rule_sets.api import routing_rules
from services.handoff.settings import Settings
from services.handoff.staff.reps.api import reps, teams
from shared.clients.contact_cards import ContactCards
from shared.clients.http_client import ServiceClient
from shared.http.app import create_service
from shared.http.server import serve
from shared.http.service import Service

ROUTERS = (teams, reps, routing_rules, routing, assignments, pool, speed_to_lead, fairness)
ABOUT = "Who talks to this person, and did it happen in time: reps, routing, fair shares, deadlines."


@asynccontextmanager
async def asking_marketing(app: FastAPI) -> AsyncIterator[None]:
    """The client that fetches contact cards, for as long as the app runs."""
    settings: Settings = app.state.settings
    client = ServiceClient(settings.marketing_url, "handoff", "marketing", settings, for_pages=True)
    app.state.cards = ContactCards(client)
    yield
    await client.close()


def create() -> Service:
    """The app, from the settings of the environment."""
    return create_service("handoff", Settings(), ROUTERS, background=[asking_marketing], description=ABOUT)


def main() -> None:
    app = create()
    serve(app, app.state.settings)


if __name__ == "__main__":
    main()
