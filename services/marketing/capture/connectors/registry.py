"""The doors there are: a new one is a folder beside this file, and a line here.

What everybody else has to know of a door is asked for here, so that no name of one stands elsewhere.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace

from services.marketing.capture.connectors.endpoints import DetailsClient, Source
from services.marketing.capture.connectors.generic import endpoint as generic
from services.marketing.capture.connectors.google_ads import endpoint as google_ads
from services.marketing.capture.connectors.linkedin import endpoint as linkedin
from services.marketing.capture.connectors.meta import endpoint as meta
from services.marketing.capture.connectors.rules import CapturedLead, UnreadableError
from services.marketing.capture.connectors.server_api import endpoint as server_api
from services.marketing.capture.connectors.tiktok import endpoint as tiktok
from services.marketing.capture.connectors.web_form import endpoint as web_form
from services.marketing.capture.deliveries import rules as deliveries
from services.marketing.capture.deliveries.rules import Raw
from services.marketing.capture.sources import rules as sources
from services.marketing.capture.sources.encryption import Sealer
from services.marketing.capture.sources.rules import ConnectionSettings
from services.marketing.settings import Settings

_ALL = (
    web_form.DOOR,
    google_ads.DOOR,
    meta.DOOR,
    linkedin.DOOR,
    tiktok.DOOR,
    server_api.DOOR,
    generic.DOOR,
)
DOORS = {door.name: door for door in _ALL}
ROUTES = tuple(route for door in _ALL for route in door.routes)
# Doors with a form or a connection behind them; with a connection; with details to be fetched.
WITH_SOURCES = frozenset(door.name for door in _ALL if door.has_sources)
WITH_CONNECTIONS = frozenset(door.name for door in _ALL if door.connections)
WITH_DETAILS = frozenset(door.name for door in _ALL if door.read_details)

PRESETS = tuple(door.connections for door in _ALL if door.connections and door.connections.presets)

# What stands below is told what there is: it checks names by it, and shows them in its description.
deliveries.DOORS.update(dict.fromkeys(DOORS))
sources.KINDS.update({door.name: door.connections for door in _ALL if door.connections})


def read(raw: Raw, source: Source) -> Sequence[CapturedLead]:
    """The leads in a delivery. Raises UnreadableError or NoticeError when there is none to be had."""
    door = DOORS.get(raw.door)
    if door is None:
        raise UnreadableError("source_gone")
    leads = door.read(raw, source)
    return [_trusted(lead) for lead in leads] if door.authenticated else leads


def _trusted(lead: CapturedLead) -> CapturedLead:
    """Whose word the person's data is, is the door's to say, not that of what was sent."""
    return replace(lead, person=replace(lead.person, trust="authenticated"))


def complete(announced: CapturedLead, details: bytes, source: Source) -> CapturedLead:
    """An announced lead with its details.

    Raises UnreadableError when they are of no use, NoticeError when they show that it is none (a test).
    """
    if not isinstance(source, ConnectionSettings):
        raise UnreadableError("source_gone")
    door = DOORS[source.kind]
    if door.read_details is None:
        raise UnreadableError("source_gone")
    lead = door.read_details(details, announced, source)
    return _trusted(lead) if door.authenticated else lead


def implied_channel(name: str) -> str | None:
    """Where leads of this door came from when nothing else says so."""
    door = DOORS.get(name)
    return door.channel if door is not None else None


@asynccontextmanager
async def open_clients(settings: Settings, sealer: Sealer) -> AsyncIterator[Mapping[str, DetailsClient]]:
    """Who fetches the details of announced leads, by the kind of their connection."""
    async with AsyncExitStack() as stack:
        yield {
            door.name: await stack.enter_async_context(door.open_client(settings, sealer))
            for door in _ALL
            if door.open_client is not None
        }
