"""Which adapter reads what. Pure."""

from collections.abc import Sequence

from services.marketing.capture.connectors.google_ads import adapter as google_ads
from services.marketing.capture.connectors.meta import adapter as meta
from services.marketing.capture.connectors.rules import CapturedLead, UnreadableError
from services.marketing.capture.connectors.server_api import adapter
from services.marketing.capture.connectors.web_form import adapter as web_form
from services.marketing.capture.deliveries.rules import Raw
from services.marketing.capture.sources.rules import ConnectionSettings, FormSettings

Source = FormSettings | ConnectionSettings | None


def read(raw: Raw, source: Source) -> Sequence[CapturedLead]:
    """The leads in a delivery. Raises UnreadableError or NoticeError when there is none to be had."""
    if raw.door == "api":
        return adapter.read(raw.body)
    if raw.door == "web_form" and isinstance(source, FormSettings):
        return web_form.read(raw.body, raw.content_type, source)
    if raw.door == "google_ads" and isinstance(source, ConnectionSettings):
        return google_ads.read(raw.body, source)
    if raw.door == "meta" and isinstance(source, ConnectionSettings):
        return meta.read(raw.body)
    raise UnreadableError("source_gone")


def complete(announced: CapturedLead, details: bytes, source: Source) -> CapturedLead:
    """An announced lead with its details. Raises UnreadableError when they are of no use."""
    if not isinstance(source, ConnectionSettings):
        raise UnreadableError("source_gone")
    return meta.read_details(details, announced, source)
