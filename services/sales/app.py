"""The HTTP program of sales: `python -m services.sales.app`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from services.sales.insight.reports.api import reports
from services.sales.overview.day.api import day
from services.sales.overview.deal_page.api import overview
from services.sales.reference.lists.api import lists
from services.sales.reference.rates.api import rates
from services.sales.selling.closing.api import closing
from services.sales.selling.deals.api import deals
from services.sales.selling.payments.api import booking, payments
from services.sales.selling.people.api import people
from services.sales.selling.pipelines.api import pipelines
from services.sales.settings import Settings
from services.sales.work.activities.api import activities
from services.sales.work.calendars.api import calendar, feeds, files
from services.sales.work.demos.api import demos, figures
from services.sales.work.hand_overs.api import hand_overs
from services.sales.work.owners.api import owners
from shared.clients.contact_cards import ContactCards
from shared.clients.contact_holds import ContactHolds
from shared.clients.http_client import ServiceClient
from shared.http.app import create_service
from shared.http.server import serve
from shared.http.service import Service
from shared.rate_limits import RateLimit

ROUTERS = (
    *(pipelines, deals, people, overview, closing, payments),
    *(activities, demos, owners, hand_overs, day, files, feeds, calendar),
    *(lists, rates, reports, figures),
)
# Tokens are random, so who tries others than were given out guesses, or has one that is no longer.
GUESSES, GUESSES_PER_SECOND = 30, 0.2
ABOUT = "Deals from the first call to the payment: pipelines, stages, activities, closing, exchange rates."


@asynccontextmanager
async def ask_marketing(app: FastAPI) -> AsyncIterator[None]:
    """Who a deal is with is known to marketing alone."""
    settings: Settings = app.state.settings
    url = settings.marketing_url
    for_pages = ServiceClient(url, "sales", "marketing", settings, for_pages=True)
    for_writes = ServiceClient(url, "sales", "marketing", settings)
    app.state.contact_cards = ContactCards(for_pages)
    app.state.contact_holds = ContactHolds(for_writes)
    yield
    await for_pages.close()
    await for_writes.close()


def create() -> Service:
    """The app, from the settings of the environment."""
    settings = Settings()
    routers = (*ROUTERS, booking(by_sellers=settings.reps_book_payments))
    app = create_service("sales", settings, routers, background=[ask_marketing], description=ABOUT)
    app.state.calendar_guesses = RateLimit(burst=GUESSES, per_second=GUESSES_PER_SECOND)
    return app


def main() -> None:
    app = create()
    serve(app, app.state.settings)


if __name__ == "__main__":
    main()
