"""The HTTP program of marketing: `python -m services.marketing.app`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from services.marketing.acquisition.campaigns.api import campaigns, channels
from services.marketing.acquisition.campaigns.use_cases import CLAIMS
from services.marketing.acquisition.channels.rules import OWN_DOMAINS
from services.marketing.acquisition.spend.api import spend
from services.marketing.capture.balance.api import balance
from services.marketing.capture.connectors.api import presets
from services.marketing.capture.connectors.quotas import DoorQuotas
from services.marketing.capture.connectors.registry import ROUTES
from services.marketing.capture.deliveries.api import deliveries
from services.marketing.capture.deliveries.group_commit import FrontDoor
from services.marketing.capture.embed.api import assets, pages
from services.marketing.capture.form_health.api import form_health
from services.marketing.capture.forms.api import forms
from services.marketing.capture.sources.api import connections
from services.marketing.capture.sources.cache import KnownSources
from services.marketing.capture.sources.encryption import Sealer
from services.marketing.capture.sources.resealing import secrets_check
from services.marketing.capture.sources.rules import OUR_ORIGINS, origin_of
from services.marketing.capture.submissions.api import of_delivery, submissions
from services.marketing.funnel.leads.api import leads
from services.marketing.funnel.leads.jobs import claim_for_campaign
from services.marketing.funnel.scoring.api import scoring
from services.marketing.overview.cards.api import cards
from services.marketing.overview.prospects.api import prospects
from services.marketing.overview.timeline.api import timelines
from services.marketing.people.contacts.api import companies, contacts
from services.marketing.people.corrections.api import company_corrections, contact_corrections
from services.marketing.people.holds.api import holds
from services.marketing.people.touches.api import touches, unmatched
from services.marketing.revenue.attribution.api import attribution, rule
from services.marketing.revenue.reports.api import reports
from services.marketing.settings import Settings
from shared.http.app import create_service
from shared.http.server import serve
from shared.http.service import Service

ROUTERS = (
    forms,
    form_health,
    pages,
    assets,
    connections,
    presets,
    balance,
    submissions,
    deliveries,
    of_delivery,
    contacts,
    contact_corrections,
    timelines,
    companies,
    company_corrections,
    cards,
    holds,
    prospects,
    channels,
    unmatched,
    campaigns,
    spend,
    touches,
    leads,
    scoring,
    attribution,
    rule,
    reports,
)
CLAIMS[:] = [claim_for_campaign]
ABOUT = "Where customers come from and what they cost: campaigns, spend, capture, people, leads, attribution."


@asynccontextmanager
async def open_front_door(app: FastAPI) -> AsyncIterator[None]:
    """What the doors need: the group committer, known forms and connections, the key to secrets."""
    settings: Settings = app.state.settings
    OWN_DOMAINS.update(settings.own_sites)
    app.state.front_door = FrontDoor(settings.database_url, most_gb=settings.max_database_gb)
    app.state.quotas = DoorQuotas(settings)
    app.state.known_sources = KnownSources(app.state.sessions)
    app.state.sealer = Sealer(*settings.keys_of_secrets())
    app.state.health.add("secrets", secrets_check(app.state.sessions, app.state.sealer))
    async with app.state.front_door.open():
        yield


def create() -> Service:
    """The app, from the settings of the environment."""
    settings = Settings()
    OUR_ORIGINS.add(origin_of(settings.public_address))
    return create_service(
        "marketing", settings, ROUTERS, doors=ROUTES, background=[open_front_door], description=ABOUT
    )


def main() -> None:
    app = create()
    serve(app, app.state.settings)


if __name__ == "__main__":
    main()
